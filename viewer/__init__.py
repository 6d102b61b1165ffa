"""The program that a person sees: command line, window, views and their drawing."""
