"""The program's name and version."""

NAME = "Impasto"
__version__ = "0.1.0"

#: The User-Agent header of the program's requests.
USER_AGENT = f"{NAME}/{__version__}"
