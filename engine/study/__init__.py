"""The study: what an extraction writes and every view reads, openable without the network."""
