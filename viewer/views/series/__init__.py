"""A series of gradient volumes: all steps small, and the check by finite differences."""
