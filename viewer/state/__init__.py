"""What is looked at and how it is drawn: plain frozen data, hashed, saved and replayed; no Qt, no GL."""
