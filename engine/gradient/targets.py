"""What a gradient is taken of: class scores, units, channels, regions, and sums of them."""
