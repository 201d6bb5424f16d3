"""``python -m nst weights``: which trained weights are on this machine, and where they come from."""

import argparse

from nst.networks import VGG16, VGG19


def add_weights(parser: argparse.ArgumentParser) -> None:
    """Make a parser that of this command."""
    parser.set_defaults(command=_weights)


def _weights(_arguments: argparse.Namespace) -> int:
    """Say where the file of each network is; WeightsError where the installation lacks its own."""
    from nst.features.weights import packed_file, published_file  # Loads torch, which help need not wait for.

    file = published_file()
    print(f"{VGG19.title}, {VGG19.origin}: {packed_file()}")
    print(f"{VGG16.title}, {VGG16.origin}: {file if file.is_file() else 'not here yet'}")
    return 0
