"""Grids of experiments: axes from text and values, cells, limits, and what the page proposes."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nst.commands.flags import by_flag
from nst.errors import SettingsError
from nst.grid import MAX_NAME, cell_jobs, make_grid, propose_values, setting_axis, variation_axis
from nst.jobs import PictureFile
from nst.limits import HOSTED, Limits
from nst.recipes import find_recipe
from nst.settings import Settings, specs


def changes(name: str, values: Any) -> list[Any]:
    return [head.changes[name] for head in setting_axis(name, values)]


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("content_weight", "0.05, 0.1,0.2", [0.05, 0.1, 0.2]),
        ("size", "256 px,original", [256, "original"]),
        ("colours", "style,keep,style", ["style", "keep"]),
        ("learning_rate", "auto,1", ["auto", 1.0]),
        ("style_layer_weights", "1,2;3,4", [(1.0, 2.0), (3.0, 4.0)]),
        ("style_layers", "conv1_1,conv2_1; conv3_1", [("conv1_1", "conv2_1"), ("conv3_1",)]),
    ],
)
def test_values_are_separated_by_commas_and_lists_by_semicolons(name: str, text: str, values: list[Any]) -> None:
    assert changes(name, text) == values
    assert changes(name, [list(value) if isinstance(value, tuple) else value for value in values]) == values


def test_a_setting_may_be_named_as_its_flag_is() -> None:
    (head,) = setting_axis("content-weight", "0.5")
    assert (head.title, head.name, head.changes) == (
        "Content weight 0.5",
        "content_weight=0.5",
        {"content_weight": 0.5},
    )


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        ("content_wait", "1", "There is no setting called 'content_wait'. Did you mean --content-weight?"),
        ("content_weight", "much", "--content-weight is 'much'; it must be a number, 0 or more"),
        ("content_weight", [-1], "--content-weight is -1; it must be"),
        ("content_weight", " , ", "--content-weight has no values; name some, with ',' between them."),
        ("style_layer_weights", 3, "--style-layer-weights has no values; name some, with ';' between them."),
        ("style_layer_weights", "1,x", "entry 2 of --style-layer-weights is 'x'"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_it(name: str, values: Any, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        setting_axis(name, values)
    assert caught.value.sentence(by_flag).startswith(sentence)


def test_the_first_setting_goes_across_and_the_second_down() -> None:
    grid = make_grid([setting_axis("content_weight", "0.1,0.2"), setting_axis("style_scale", "1,2")])
    cells = grid.cells
    assert [cell.title for cell in cells] == [
        "Content weight 0.1, Brush size 1", "Content weight 0.2, Brush size 1",
        "Content weight 0.1, Brush size 2", "Content weight 0.2, Brush size 2",
    ]  # fmt: skip
    assert [(cell.row, cell.column) for cell in cells] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert cells[1].name == "content_weight=0.2,style_scale=1"
    assert cells[3].changes == {"content_weight": 0.2, "style_scale": 2.0}


def test_one_setting_is_one_row_and_its_names_are_short_and_different() -> None:
    long = ";".join(f"{number}," + "1," * 30 for number in (1.125, 2.125))
    names = [cell.name for cell in make_grid([setting_axis("style_layer_weights", long)]).cells]
    assert len({*names}) == 2
    assert all(len(name) <= MAX_NAME for name in names)


@pytest.mark.parametrize(
    ("axes", "sentence"),
    [
        ([], "one or two settings; 0 are named"),
        ([("steps", "1"), ("size", "64"), ("seed", "1")], "one or two settings; 3 are named"),
        ([("steps", "1,2"), ("steps", "3,4")], "steps is varied twice"),
        ([("steps", "1,2,3,4"), ("seed", "1,2,3")], "The grid has 12 pictures; the limit is 9"),
    ],
)
def test_too_few_or_too_much_is_refused(axes: list[tuple[str, str]], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        make_grid([setting_axis(*axis) for axis in axes], HOSTED)


def test_the_cells_are_jobs_that_differ_in_their_settings_and_share_the_mask(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "photo.png")
    photo, grid = PictureFile(path=tmp_path / "photo.png", name="photo"), make_grid([setting_axis("steps", "3,5")])
    jobs = cell_jobs(grid, photo, [photo], {"size": 64}, recipe="draft", limits=Limits(), mask="upper")
    assert [(job.settings.steps, job.settings.size, job.mask_name) for job in jobs.values()] == [
        (3, 64, "upper"), (5, 64, "upper")
    ]  # fmt: skip


def test_the_variations_of_a_recipe_are_its_family_with_what_differs() -> None:
    heads = variation_axis(find_recipe("adam-5000"))
    assert variation_axis(find_recipe("adam-5000-late")) == heads
    assert [head.recipe for head in heads] == ["adam-5000", "adam-5000-early", "adam-5000-balanced", "adam-5000-late"]
    assert [{*head.changes} for head in heads] == [{"content_weight", "style_weight", "style_layer_weights"}] * 4
    assert [(head.changes["content_weight"], head.changes["style_weight"]) for head in heads] == [
        (1, 301), (1, 151), (0.5, 603), (2, 151)
    ]  # fmt: skip
    for head in heads:
        recipe = find_recipe(head.recipe)
        assert find_recipe("adam-5000").to_settings(head.changes) == recipe.to_settings()
    with pytest.raises(SettingsError, match="The recipe keras has no variations; there are some of adam-5000"):
        variation_axis(find_recipe("keras"))


@pytest.mark.parametrize("name", [name for name, spec in specs().items() if spec.kind not in ("numbers", "names")])
def test_what_is_proposed_is_valid_and_more_than_one_value_but_for_words(name: str) -> None:
    value = getattr(Settings(), name)
    heads = setting_axis(name, propose_values(name, value))
    assert 2 <= len(heads) <= 4 or isinstance(value, str) or name == "seed"
    assert len(make_grid([heads], Limits()).cells) == len(heads)


def test_proposals_are_around_the_present_value() -> None:
    assert propose_values("content_weight", 0.2) == "0.1, 0.2, 0.4"
    assert propose_values("steps", 40) == "20, 40, 80"
    assert propose_values("style_scale", 2.0) == "1, 2, 3"
    assert propose_values("plateau", 0.0) == "0, 0.01, 0.025"
