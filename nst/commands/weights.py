"""``python -m nst weights``: which trained weights are on this machine, and how to bring more."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from nst.errors import WeightsError
from nst.features.weights.progress import Fetched

if TYPE_CHECKING:
    from nst.features.weights.catalogue import Entry
    from nst.features.weights.places import Place

#: What is fetched when no network is named.
USUAL = "vgg19"


def add_weights(parser: argparse.ArgumentParser) -> None:
    """Make a parser that of this command."""
    parser.set_defaults(command=_weights)
    one = parser.add_mutually_exclusive_group()
    one.add_argument(
        "--fetch", metavar="NAME", nargs="?", const=USUAL,
        help=f"bring the weights of vgg19 or vgg16 to this machine (default {USUAL})",
    )  # fmt: skip
    one.add_argument("--verify", action="store_true", help="read every file and check its hash and its tensors")
    one.add_argument(
        "--import", dest="file", metavar="FILE", type=Path,
        help="check a .pth or .safetensors file and keep its features",
    )  # fmt: skip


def _weights(arguments: argparse.Namespace) -> int:
    # What the functions below import loads torch, which help and mistakes need not wait for.
    if arguments.fetch:
        return _fetch(arguments.fetch)
    if arguments.file:
        return _import(arguments.file)
    return _list(verify=arguments.verify)


def _fetch(name: str) -> int:
    """Bring the weights of a network, with a bar on stderr where that is a terminal."""
    from nst.features.weights.catalogue import entry
    from nst.features.weights.fetch import fetch

    wanted = entry(name)
    with tqdm(unit="B", unit_scale=True, unit_divisor=1000, desc=name, disable=None, file=sys.stderr) as bar:
        path = fetch(wanted, watch=lambda fetched: _move(bar, fetched))
    print(f"{name} is here: {path}")
    return 0


def _move(bar: "tqdm[Any]", fetched: Fetched) -> None:
    bar.total = fetched.total
    if not bar.n:
        bar.initial = fetched.done  # What came in an earlier try says nothing about the pace of this one.
    bar.update(fetched.done - bar.n)


def _import(path: Path) -> int:
    """Check a file, find out whose weights it holds, and keep its features."""
    from nst.features.weights import cache
    from nst.features.weights.catalogue import ENTRIES
    from nst.features.weights.tensors import check_tensors, network_of, read_tensors

    if not path.is_file():
        raise WeightsError(f"The weights file {path} does not exist.")
    state = read_tensors(path)
    name = network_of(state)
    if name is None:
        raise WeightsError(f"{path} holds the weights of neither {' nor '.join(ENTRIES)}.")
    tensors = check_tensors(ENTRIES[name], state, source=str(path))
    with cache.locked(name), cache.writing():
        kept = cache.keep(ENTRIES[name], tensors, str(path.resolve()))
    print(f"{path} holds the weights of {name}; they are kept in {kept}")
    return 0


def _list(verify: bool) -> int:
    """Print where the weights of each network are looked for, and what is there."""
    from nst.features.weights.catalogue import ENTRIES
    from nst.features.weights.places import places

    bad: dict[Path, str] = {}
    good: set[Path] = set()
    for name, wanted in ENTRIES.items():
        found = places(name)
        here = next((place for place in found if place.there), None)
        print(f"{name}: " + (f"in {here.title}" if here else f"not on this machine; --fetch {name} brings it"))
        for place in found:
            print(f"  {place.title}: {_told(place) if place.there else f'nothing in {place.path}'}")
            if verify and place.there and (failure := _verify(wanted, place)):
                bad[place.path] = failure
            elif place.there:
                good.add(place.path)
    # A file that the user names is looked at for every network, and can be good for one only.
    failures = [sentence for path, sentence in bad.items() if path not in good]
    if failures:
        raise WeightsError(" ".join(failures))
    return 0


def _told(place: "Place") -> str:
    """A file that is there, its size, what is known of its hash, and where it came from."""
    from nst.features.weights.cache import origin, recorded_hash

    told = f"{place.path}, {place.path.stat().st_size / 10**6:.0f} MB"
    if place.own:
        told += f", SHA-256 {recorded_hash(place.path)[:8]}… recorded, from {origin(place.path) or 'an unknown place'}"
    return told


def _verify(wanted: "Entry", place: "Place") -> str:
    """Read a file and print how good it is; the sentence of what is wrong with it, or ""."""
    from nst.features.weights.places import load_place

    try:
        load_place(wanted, place)
    except WeightsError as error:
        print(f"    not good: {error}")
        return str(error)
    print("    good: " + ("SHA-256, " if place.own else "") + "names, shapes and numbers are as they should be")
    return ""
