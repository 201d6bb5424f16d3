"""What a setting may be: its Spec, the check of every value from page, API and command line, and its text form."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from nst.errors import FieldName, SettingsError

Kind = Literal["number", "integer", "choice", "size", "numbers", "names"]
Group = Literal["main", "layers", "advanced"]

#: Most entries of a list.
MAX_ENTRIES = 32
#: A maximum from here on only guards against overflow, and is named where a value exceeds it.
OVERFLOW = 1e9


@dataclass(frozen=True, kw_only=True)
class Spec:
    """A setting's label, bounds and help.

    Attributes:
        kind: what a value is; "size" is a whole number of pixels or a word, "numbers" and "names" are lists.
        minimum, maximum: the bounds of a valid number.
        slider: the narrower (low, high, step) range of the page's slider.
        choices, choice_labels: the valid words, and what the page calls them, in the same order.
        offered: the numbers in a list to choose from, where any other can be typed.
        words: valid words beside numbers, such as "original" and "auto".
        unit: of the numbers, such as "px".
        group: where the page shows it: in sight, among the layers, or under fine tuning.
        live: whether the setting may change during a run.
    """

    label: str
    help: str
    kind: Kind
    minimum: float = -math.inf
    maximum: float = math.inf
    slider: tuple[float, float, float] | None = None
    choices: tuple[str, ...] = ()
    choice_labels: tuple[str, ...] = ()
    offered: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    unit: str = ""
    group: Group = "advanced"
    live: bool = False


def check(name: str, value: Any, spec: Spec) -> Any:
    """The value in its proper type, or SettingsError in one sentence."""
    if value in spec.words:
        return value
    field = FieldName(name)
    match spec.kind:
        case "choice":
            return _word(field, value, spec.choices)
        case "number":
            return _number(field, value, spec)
        case "integer" | "size":
            return int(_number(field, value, spec))
        case "numbers":
            entries = enumerate(_sequence(field, value, "numbers"))
            return tuple(_number(FieldName(name, place), entry, spec) for place, entry in entries)
        case "names":
            return tuple(_name(field, entry) for entry in _sequence(field, value, "names"))


def read_text(text: str, spec: Spec) -> Any:
    """A value from its text form, such as "40", "512 px", "original", "1,0.5,2" or "conv1_1,conv2_1".

    Nothing is refused: what is not a number stays text, for ``check`` to name.
    """
    match spec.kind:
        case "choice":
            return text
        case "names":
            return _split(text)
        case "numbers":
            return [_to_number(part) for part in _split(text)]
        case _:
            return _to_number(text.removesuffix(spec.unit))


def write_text(value: Any) -> str:
    """The text form of a valid value; ``read_text`` reads exactly this value back."""
    if isinstance(value, list | tuple):
        return ",".join(map(write_text, value))
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def _to_number(text: str) -> int | float | str:
    """A number where the text is one, else the text as it is."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _word(field: FieldName, value: Any, words: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in words:
        raise SettingsError(field, f" is {quoted(value)}; it must be {either(words)}.")
    return value


def _number(field: FieldName, value: Any, spec: Spec) -> float:
    if value is None:
        raise SettingsError(field, f" is empty; enter {_expected(spec)}.")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # NaN lies between no two numbers; Python compares a whole number of any length exactly.
    if not is_number or not spec.minimum <= value <= spec.maximum or (_whole(spec) and value != int(value)):
        expected = _expected(spec, exceeded=is_number and value > spec.maximum)
        raise SettingsError(field, f" is {quoted(value)}; it must be {expected}.")
    return float(value)


def _sequence(field: FieldName, value: Any, what: str) -> Iterable[Any]:
    if not isinstance(value, list | tuple):
        raise SettingsError(field, f" is {quoted(value)}; it must be a list of at most {MAX_ENTRIES} {what}.")
    if len(value) > MAX_ENTRIES:
        raise SettingsError(field, f" has {len(value)} entries; at most {MAX_ENTRIES} are allowed.")
    return value


def _name(field: FieldName, value: Any) -> str:
    if not isinstance(value, str) or not value.replace("_", "").isalnum() or len(value) > 32:
        raise SettingsError(field, f" holds {quoted(value)}; it must be the name of a layer, such as conv4_2.")
    return value


def quoted(value: Any) -> str:
    """A value as a sentence quotes it: its repr, cut at 60 characters."""
    try:
        text = repr(value)
    except ValueError:  # Python does not print whole numbers of more than some thousand digits.
        return "a number of thousands of digits"
    except RecursionError:
        return "lists within lists"
    return text if len(text) <= 60 else text[:57] + "..."


def either(words: tuple[str, ...]) -> str:
    """Words as a list of alternatives: "a, b or c"."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def _whole(spec: Spec) -> bool:
    return spec.kind in ("integer", "size")


def _expected(spec: Spec, *, exceeded: bool = False) -> str:
    """What a number of this Spec must be, as the end of a sentence about a value that may have ``exceeded`` it."""
    kind = "a whole number" if _whole(spec) else "a number"
    unit = f" {spec.unit}" if spec.unit else ""
    words = f", or {either(spec.words)}" if spec.words else ""
    unbounded = spec.maximum >= OVERFLOW and not exceeded
    bounds = f", {spec.minimum:g} or more" if unbounded else f" from {spec.minimum:g} to {spec.maximum:.10g}"
    return f"{kind}{bounds}{unit}{words}"
