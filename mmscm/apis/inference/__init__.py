"""Boxes for photographs: models, inputs, results and views."""
