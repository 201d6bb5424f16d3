"""What a setting may be: its Spec, and the one check that every value passes, whatever door it came through."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from nst.errors import SettingsError

Kind = Literal["number", "integer", "choice", "size", "numbers", "names"]
Group = Literal["main", "layers", "advanced"]

#: Longest list that a setting may hold.
MOST_ENTRIES = 32


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What a setting is called, what it may be, and how it is explained.

    ``minimum`` and ``maximum`` bound what is valid; ``slider`` is the narrower (low, high, step) range
    that a slider offers. ``words`` are values allowed beside numbers ("original", "auto").
    ``choice_labels`` are what the page calls the ``choices``, in the same order.
    A ``live`` setting may change during a run.
    """

    label: str
    help: str
    kind: Kind
    minimum: float = -math.inf
    maximum: float = math.inf
    slider: tuple[float, float, float] | None = None
    choices: tuple[str, ...] = ()
    choice_labels: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    unit: str = ""
    group: Group = "advanced"
    live: bool = False


def check(name: str, value: Any, spec: Spec) -> Any:
    """The value in its proper type, or SettingsError in one sentence."""
    if value in spec.words:
        return value
    match spec.kind:
        case "choice":
            return _word(name, value, spec.choices)
        case "number":
            return _number(name, value, spec)
        case "integer" | "size":
            return _integer(name, value, spec)
        case "numbers":
            entries = enumerate(_sequence(name, value, "numbers"))
            return tuple(_number(f"{name}[{place}]", entry, spec) for place, entry in entries)
        case "names":
            return tuple(_name(name, entry) for entry in _sequence(name, value, "names"))


def _word(name: str, value: Any, words: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in words:
        raise SettingsError(f"{name} is {shown(value)}; it must be {either(words)}.")
    return value


def _number(name: str, value: Any, spec: Spec) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # Not a number is not between any two; a whole number of any length is compared exactly.
    if not is_number or not spec.minimum <= value <= spec.maximum or (_whole(spec) and value != int(value)):
        raise SettingsError(f"{name} is {shown(value)}; it must be {_wanted(spec)}.")
    return float(value)


def _integer(name: str, value: Any, spec: Spec) -> int:
    return int(_number(name, value, spec))


def _sequence(name: str, value: Any, what: str) -> Iterable[Any]:
    if not isinstance(value, list | tuple):
        raise SettingsError(f"{name} is {shown(value)}; it must be a list of at most {MOST_ENTRIES} {what}.")
    if len(value) > MOST_ENTRIES:
        raise SettingsError(f"{name} has {len(value)} entries; at most {MOST_ENTRIES} are allowed.")
    return value


def _name(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.replace("_", "").isalnum() or len(value) > 32:
        raise SettingsError(f"{name} holds {shown(value)}; it must be the name of a layer, such as conv4_2.")
    return value


def shown(value: Any) -> str:
    """A value as a sentence may quote it: its repr, cut at 60 characters."""
    try:
        text = repr(value)
    except ValueError:  # Python does not write out a whole number of more than some thousand digits
        return "a number of thousands of digits"
    return text if len(text) <= 60 else text[:57] + "..."


def either(words: tuple[str, ...]) -> str:
    """Words as people list alternatives: "a, b or c"."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def _whole(spec: Spec) -> bool:
    return spec.kind in ("integer", "size")


def _wanted(spec: Spec) -> str:
    """What a number of this Spec must be."""
    kind = "a whole number" if _whole(spec) else "a number"
    unit = f" {spec.unit}" if spec.unit else ""
    words = f", or {either(spec.words)}" if spec.words else ""
    return f"{kind} between {_plain(spec.minimum)} and {_plain(spec.maximum)}{unit}{words}"


def _plain(value: float) -> str:
    return f"{value:g}" if value != int(value) or value % 1e6 == 0 else str(int(value))
