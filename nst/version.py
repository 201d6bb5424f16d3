"""The name and version of the program, as results carry them."""

NAME = "Impasto"
__version__ = "0.1.0"

#: How the program names itself to the servers that it asks.
USER_AGENT = f"{NAME}/{__version__}"
