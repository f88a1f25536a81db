"""What the maps of a model are worth and what the loss tells them."""
