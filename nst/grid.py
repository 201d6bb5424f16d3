"""A grid of experiments: one photo and style with every combination of the values of one or two settings."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any

from nst.errors import FieldName, SettingsError
from nst.jobs import Mask, PictureFile, make_job
from nst.limits import Limits
from nst.recipes import Recipe, find_recipe, recipes, variations
from nst.settings import by_label, find_setting
from nst.steps import Job
from nst.validation import Spec, check, read_text, write_text

#: Most values of one setting.
MAX_VALUES = 1000
#: Longest name of a cell, in characters.
MAX_NAME = 120
#: What proposed numbers are, as multiples of the present one.
FACTORS = (0.5, 1.0, 2.0)


@dataclass(frozen=True, kw_only=True)
class Head:
    """A row or a column: its title, a name that is safe in a path, the settings it changes, and the recipe it follows.

    ``recipe`` is a name, or "" for that of the whole grid; ``about`` is what there is to say of it, or "".
    """

    title: str = ""
    name: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    recipe: str = ""
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One picture of a grid: where it stands, counted from 0, its name and title, and what decides it; see ``Head``."""

    row: int
    column: int
    name: str
    title: str
    changes: Mapping[str, Any]
    recipe: str


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Columns and rows; without a second setting there is one row without a title."""

    columns: tuple[Head, ...]
    rows: tuple[Head, ...] = (Head(),)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells, row by row."""
        return tuple(
            Cell(
                row=row, column=column, name=_short(",".join(filter(None, (across.name, down.name)))),
                title=", ".join(filter(None, (across.title, down.title))),
                changes={**across.changes, **down.changes}, recipe=across.recipe or down.recipe,
            )
            for (row, down), (column, across) in product(enumerate(self.rows), enumerate(self.columns))
        )  # fmt: skip


def make_grid(axes: Sequence[Sequence[Head]], limits: Limits | None = None) -> Grid:
    """The grid of one or two axes: the first has the columns, the second the rows.

    Args:
        axes: from ``setting_axis`` or ``variation_axis``.
        limits: of the studio; its ``cells`` are read.

    Raises:
        SettingsError: there is no axis, there are more than two, two of the same setting, or too many cells.
    """
    if not 1 <= len(axes) <= 2:
        raise SettingsError(f"A grid varies one or two settings; {len(axes)} are named.")
    shared = [name for name in axes[0][0].changes if name in axes[-1][0].changes and len(axes) == 2]
    if shared:
        raise SettingsError(FieldName(shared[0]), " is varied twice; a grid varies two settings.")
    count, most = math.prod(len(axis) for axis in axes), (limits or Limits()).cells
    if count > most:
        raise SettingsError(f"The grid has {count} pictures; the limit is {most}: name fewer values.")
    return Grid(columns=tuple(axes[0]), rows=tuple(axes[1]) if len(axes) == 2 else (Head(),))


def setting_axis(name: str, values: Any) -> tuple[Head, ...]:
    """One head for each value of a setting.

    Args:
        name: of the setting, with ``_`` or ``-``.
        values: a list of values, or their text: with commas between, or with semicolons where each value is a list
            itself.

    Raises:
        SettingsError: there is no such setting or no value, or a value is not valid.
    """
    name = name.strip().replace("-", "_")
    spec = find_setting(name)
    if isinstance(values, str):
        values = [read_text(text.strip(), spec) for text in values.split(_separator(spec)) if text.strip()]
    if not isinstance(values, list | tuple) or not values:
        raise SettingsError(FieldName(name), f" has no values; name some, with {_separator(spec)!r} between them.")
    if len(values) > MAX_VALUES:
        raise SettingsError(FieldName(name), f" has {len(values)} values; at most {MAX_VALUES} are allowed.")
    checked = [check(name, read_text(value, spec) if isinstance(value, str) else value, spec) for value in values]
    return tuple(_value_head(name, spec, value) for value in dict.fromkeys(checked))


def variation_axis(recipe: Recipe) -> tuple[Head, ...]:
    """One head for a recipe and for each that varies it, with the settings in which they differ.

    Raises:
        SettingsError: the recipe neither varies another nor is varied; the sentence names those that are.
    """
    family = variations(find_recipe(recipe.varies or recipe.name))
    if len(family) == 1:
        varied = ", ".join(dict.fromkeys(each.varies for each in recipes() if each.varies))
        raise SettingsError(f"The recipe {recipe.name} has no variations; there are some of {varied}.")
    names = [name for name in recipe.settings if len({str(each.settings[name]) for each in family}) > 1]
    return tuple(
        Head(
            title=each.title, name=each.name, changes={name: each.settings[name] for name in names}, recipe=each.name,
            about=each.description,
        )
        for each in family
    )  # fmt: skip


def cell_jobs(
    grid: Grid,
    photo: PictureFile | None,
    styles: Sequence[PictureFile],
    changes: Mapping[str, Any],
    *,
    recipe: str,
    limits: Limits,
    mask: Mask | None = None,
) -> dict[str, Job]:
    """The Job of each cell, by its name. Args, Raises: as for ``make_job``, whose settings the cells change."""
    make = partial(make_job, photo, styles, limits=limits, mask=mask)
    return {cell.name: make({**changes, **cell.changes}, recipe=cell.recipe or recipe) for cell in grid.cells}


def propose_values(name: str, value: Any) -> str:
    """Values of a setting that are worth comparing, as text for ``setting_axis``; of a list, the present one.

    Args:
        name: of the setting.
        value: the present one.
    """
    spec = find_setting(name)
    if spec.kind == "choice":
        return ", ".join(spec.choices)
    if spec.kind in ("numbers", "names"):
        return write_text(value)
    if spec.offered:
        return ", ".join(map(str, spec.offered[:3]))
    low, high, step = spec.slider or (spec.minimum, spec.maximum, 0)
    if not isinstance(value, int | float):
        return str(value)
    middle = value or (low + high) / 8
    proposed = [min(high, max(low, factor * middle)) for factor in FACTORS] if value else [low, middle, 2 * middle]
    return ", ".join(dict.fromkeys(write_text(_rounded(number, step, spec)) for number in proposed))


def _rounded(number: float, step: float, spec: Spec) -> float:
    """A number that a slider can stand on, with four digits at most."""
    return float(f"{round(number / step) * step if step else number:.4g}") if spec.kind != "integer" else round(number)


def _separator(spec: Spec) -> str:
    return ";" if spec.kind in ("numbers", "names") else ","


def _value_head(name: str, spec: Spec, value: Any) -> Head:
    text = write_text(value)
    words = dict(zip(spec.choices, spec.choice_labels, strict=False)).get(text, text.replace(",", ", ")) or "as usual"
    return Head(title=f"{by_label(FieldName(name))} {words}", name=f"{name}={text}", changes={name: value})


def _short(name: str) -> str:
    """A name, or the beginning of a long one and its digest."""
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
