"""Kinds of commands of the network view."""
