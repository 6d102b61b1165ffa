"""Graph to graph, one pass a file: each keeps what the network computes."""
