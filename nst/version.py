"""The version of the program, as results carry it."""

__version__ = "0.1.0"
