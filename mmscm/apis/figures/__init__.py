"""The paper's figures and sheets of pictures."""
