"""Benchmarks: what the program promises, measured beside a peer in the same run (`make bench`)."""
