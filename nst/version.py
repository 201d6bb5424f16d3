"""The name and version of the program, as results carry them."""

NAME = "Impasto"
__version__ = "0.1.0"
