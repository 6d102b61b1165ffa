"""Kinds of commands of the feature maps view."""
