"""What is looked at and how it is drawn: plain frozen data; no Qt, no GL."""
