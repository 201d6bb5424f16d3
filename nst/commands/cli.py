"""The command line, ``python -m nst COMMAND``: one module of ``nst.commands`` for each command.

Exit codes: 0 finished; 1 an error of the program; 2 a mistake of the user, summary in one line on stderr, or one of
several photos could not be painted; 130, 143 and 129 ended by Ctrl-C, SIGTERM and SIGHUP, after which the picture so
far and its files are saved.
"""

import argparse
import logging
import signal
import sys
from collections.abc import Callable, Sequence

from nst.commands.film import add_film
from nst.commands.flags import OneLineParser, by_flag
from nst.commands.grid import add_grid
from nst.commands.interrupts import exit_code
from nst.commands.recipes import add_recipes
from nst.commands.styles import add_styles
from nst.commands.transfer import add_transfer
from nst.commands.weights import add_weights
from nst.errors import NSTError
from nst.version import __version__

#: Command -> what gives its parser arguments, and its line of help.
COMMANDS: dict[str, tuple[Callable[[argparse.ArgumentParser], None], str]] = {
    "transfer": (add_transfer, "paint a photo in a style"),
    "grid": (add_grid, "paint a photo with every combination of some settings, to compare them"),
    "film": (add_film, "paint a clip frame by frame, without flicker"),
    "styles": (add_styles, "list the styles of the gallery"),
    "recipes": (add_recipes, "list the recipes: settings with a name"),
    "weights": (add_weights, "show which trained weights there are, and where"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code.

    Args:
        argv: the arguments without the program's name; those of the process when None.
    """
    arguments = _parser().parse_args(argv)
    # What is only worth a warning comes with the Steps as a note, and is printed once.
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        return arguments.command(arguments)
    except NSTError as error:
        print(f"nst: {error.sentence(by_flag, whole_paths=True)}", file=sys.stderr)
        return 1 if type(error) is NSTError else 2
    except KeyboardInterrupt:
        print("nst: interrupted.", file=sys.stderr)
        return exit_code(signal.SIGINT)


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(prog="python -m nst", description="A photo and a painting in, the photo as a painting out.")
    parser.add_argument("--version", action="version", version=f"nst {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, dest="name")
    for name, (add, summary) in COMMANDS.items():
        add(commands.add_parser(name, help=summary, allow_abbrev=False))
    return parser
