"""``python -m nst weights``: which trained weights are on this machine, and where they come from."""

import argparse

from nst.networks import NETWORKS


def add_weights(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.set_defaults(command=_weights)


def _weights(_arguments: argparse.Namespace) -> int:
    """Print where each network's file is; WeightsError where the installation lacks its own."""
    for network in NETWORKS.values():
        path = network.weights.path()
        print(f"{network.title}, {network.weights.origin}: {path if path.is_file() else 'not here yet'}")
    return 0
