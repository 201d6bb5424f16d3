"""The flags of the command line that stand for settings: generated from ``nst.settings``, so the two cannot drift."""

import argparse
from collections.abc import Collection
from functools import partial
from typing import Any, NoReturn

from nst.errors import DeviceError, FieldName, SettingsError, one_line
from nst.limits import DAY, Limits
from nst.recipes import DEFAULT_RECIPE, find_recipe
from nst.settings import Checked, FilmSettings, Settings, specs
from nst.validation import OVERFLOW, Spec, read_text, write_text

#: More than any machine has.
MAX_GIGABYTES = 1_000_000
#: A hundred years.
MAX_DAYS = 36_500
_GROUPS = {"main": "settings", "layers": "settings of the layers", "advanced": "advanced settings"}


class OneLineParser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """End the program with exit code 2, after the name of the program and the message."""
        program = self.prog.removeprefix("python -m ").split()[0]
        self.exit(2, f"{program}: {one_line(message)}\n")


def add_setting_flags(parser: argparse.ArgumentParser, without: Collection[str] = ()) -> None:
    """Give the parser one flag for each setting but some; a flag that is not used leaves no trace in the namespace."""
    groups = {name: parser.add_argument_group(title) for name, title in _GROUPS.items()}
    for name, spec in specs().items():
        if name not in without:
            _add_flag(groups[spec.group], name, spec, _default(name))


def add_film_flags(parser: argparse.ArgumentParser) -> None:
    """Give the parser one flag for each setting of a film, like ``add_setting_flags``."""
    group = parser.add_argument_group("settings of the film")
    for name, value in FilmSettings().to_dict().items():
        _add_flag(group, name, specs(FilmSettings)[name], f"default {write_text(value)}")


def settings_given(arguments: argparse.Namespace, record: type[Checked] = Settings) -> dict[str, Any]:
    """The settings of a record that were set by a flag, by name; not checked yet."""
    return {name: getattr(arguments, name) for name in specs(record) if hasattr(arguments, name)}


def flag(name: str) -> str:
    """The flag of a setting or an option: "--style-weight"."""
    return "--" + name.replace("_", "-")


def by_flag(field: FieldName) -> str:
    """What the command line calls a field: its flag, and the number of the entry within a list."""
    return flag(field.name) if field.entry is None else f"entry {field.entry + 1} of {flag(field.name)}"


def memory_bytes(gigabytes: float | None) -> int | None:
    """What --memory says, in bytes; None where it is not used.

    Raises:
        DeviceError: not a number above 0.
    """
    if gigabytes is None:
        return None
    if not 0 < gigabytes <= MAX_GIGABYTES:
        raise DeviceError(
            FieldName("memory"), f" is {gigabytes:g} GB; it must be above 0 and at most {MAX_GIGABYTES} GB."
        )
    return round(gigabytes * 10**9)


def add_keep_flags(parser: argparse.ArgumentParser, note: str = "") -> None:
    """Give the parser the flags that say how long results are kept, and how many.

    Args:
        note: what else bounds them, for the help.
    """
    limits = Limits()
    parser.add_argument(
        "--keep-days", metavar="N", type=int, default=limits.keep_seconds // DAY,
        help=f"delete results after N days (default %(default)s{note})",
    )  # fmt: skip
    parser.add_argument(
        "--keep-gb", metavar="GB", type=float, default=limits.keep_bytes / 10**9,
        help=f"delete the oldest results when all take more (default %(default)g{note})",
    )  # fmt: skip


def kept(arguments: argparse.Namespace) -> tuple[float, int]:
    """What these flags say: the seconds for which results are kept, and the bytes that all may take.

    Raises:
        SettingsError: a number is out of its bounds.
    """
    days, gigabytes = arguments.keep_days, arguments.keep_gb
    if not 1 <= days <= MAX_DAYS:
        raise SettingsError(FieldName("keep_days"), f" is {days}; it must be 1 to {MAX_DAYS}.")
    if not 0 < gigabytes <= MAX_GIGABYTES:
        raise SettingsError(FieldName("keep_gb"), f" is {gigabytes:g}; it must be above 0 and at most {MAX_GIGABYTES}.")
    return days * DAY, round(gigabytes * 10**9)


def _metavar(spec: Spec) -> str:
    match spec.kind:
        case "choice":
            return "{" + ",".join(spec.choices) + "}"
        case "names":
            return "LAYER,..."
        case "numbers":
            return "X,..."
        case "number":
            return "|".join(["X", *spec.words])
        case _:
            return "|".join(["N", *spec.words])


def _add_flag(group: Any, name: str, spec: Spec, default: str) -> None:
    group.add_argument(
        flag(name),
        dest=name,
        default=argparse.SUPPRESS,
        type=partial(read_text, spec=spec),
        metavar=_metavar(spec),
        help=_help(spec, default),
    )


def _help(spec: Spec, default: str) -> str:
    """The setting's own line of help, its bounds and its default."""
    notes = [default]
    if spec.kind in ("number", "numbers", "integer", "size"):
        bounds = "or more" if spec.maximum >= OVERFLOW else f"to {spec.maximum:.10g}"
        notes.insert(0, f"{spec.minimum:g} {bounds}{' ' + spec.unit if spec.unit else ''}")
    return f"{spec.help} ({'; '.join(notes)})".replace("%", "%%")


def _default(name: str) -> str:
    value = Settings().to_dict()[name]
    if name in find_recipe(DEFAULT_RECIPE).settings:
        return f"default {value}, or as --quality says"
    return f"default {write_text(value)}" if value != [] else "default: none"
