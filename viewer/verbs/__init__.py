"""The verbs of the command line, one file each: `add_arguments(parser)` and `run(arguments)`.

A verb's module imports nothing heavy before `run`, so that `lamella --help` answers at once.
"""
