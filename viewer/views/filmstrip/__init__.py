"""The filmstrip: all samples as small pictures in a row, with their classes and what went wrong."""
