"""Importance of filters, and what the network does without them."""
