"""The Top filters view: the strongest units of filters, projected back to the picture."""
