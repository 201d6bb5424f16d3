"""What a setting may be: its Spec, and the one check that every value passes, whatever door it came through."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from nst.errors import SettingsError

Kind = Literal["number", "integer", "choice", "size", "numbers", "names"]
Group = Literal["main", "layers", "advanced"]


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What a setting is called, what it may be, and how it is explained.

    ``minimum`` and ``maximum`` bound what is valid; ``slider`` is the narrower (low, high, step) range
    that a slider offers. ``words`` are values allowed beside numbers ("original", "auto").
    A ``live`` setting may change during a run.
    """

    label: str
    help: str
    kind: Kind
    minimum: float = -math.inf
    maximum: float = math.inf
    slider: tuple[float, float, float] | None = None
    choices: tuple[str, ...] = ()
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
            return tuple(_number(name, v, spec) for v in _sequence(name, value))
        case "names":
            return tuple(_name(name, v) for v in _sequence(name, value))


def _word(name: str, value: Any, words: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in words:
        raise SettingsError(f"{name} is {shown(value)}; it must be {either(words)}.")
    return value


def _number(name: str, value: Any, spec: Spec) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SettingsError(f"{name} is {shown(value)}; it must be a number{_words(spec)}.")
    if isinstance(value, float) and not math.isfinite(value):
        raise SettingsError(f"{name} is {value}; it must be a finite number.")
    if not spec.minimum <= value <= spec.maximum:
        raise SettingsError(
            f"{name} is {shown(value)}; it must be between {_plain(spec.minimum)} and {_plain(spec.maximum)}"
            f"{_unit(spec)}."
        )
    return float(value)


def _integer(name: str, value: Any, spec: Spec) -> int:
    number = _number(name, value, spec)
    if number != int(number):
        raise SettingsError(f"{name} is {shown(value)}; it must be a whole number.")
    return int(number)


def _sequence(name: str, value: Any) -> Iterable[Any]:
    if not isinstance(value, list | tuple):
        raise SettingsError(f"{name} is {shown(value)}; it must be a list.")
    if len(value) > 32:
        raise SettingsError(f"{name} has {len(value)} entries; at most 32 are allowed.")
    return value


def _name(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.replace("_", "").isalnum() or len(value) > 32:
        raise SettingsError(f"{name} holds {shown(value)}; it must be the name of a layer, such as conv4_2.")
    return value


def shown(value: Any) -> str:
    """A value as a sentence may quote it: its repr, cut at 60 characters."""
    return repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."


def _plain(value: float) -> str:
    return f"{value:g}" if value != int(value) or value % 1e6 == 0 else str(int(value))


def either(words: tuple[str, ...]) -> str:
    """Words as people list alternatives: "a, b or c"."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def _words(spec: Spec) -> str:
    return f" or {either(spec.words)}" if spec.words else ""


def _unit(spec: Spec) -> str:
    return f" {spec.unit}" if spec.unit else ""
