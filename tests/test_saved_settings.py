"""Settings that travel come back as they were, and whatever else stands there is left out with a note."""

import json
import math
import random
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
from PIL import Image

from nst.errors import SettingsError
from nst.gallery.manifest import bundled_styles
from nst.jobs import PictureFile, combine_settings
from nst.pictures.png import write_png
from nst.recipes import find_recipe, recipes
from nst.runs.folder import RunFolder
from nst.runs.record import write_settings
from nst.saved_settings import (
    MAX_NOTES,
    MAX_VALUES,
    SavedSettings,
    from_document,
    from_query,
    read_settings_file,
    to_query,
)
from nst.settings import FilmSettings, Settings, specs
from nst.validation import Spec
from tests.engines.loops import a_step, job

PIXELS = np.zeros((4, 6, 3), np.uint8)


def read(path: Path, content: bytes) -> SavedSettings:
    path.write_bytes(content)
    return read_settings_file(path)


def some_value(spec: Spec, chance: random.Random) -> Any:
    """A valid value of a setting."""
    if spec.words and chance.random() < 0.3:
        return chance.choice(spec.words)
    match spec.kind:
        case "choice":
            return chance.choice(spec.choices)
        case "names":
            return [f"conv{chance.randint(1, 5)}_1" for _ in range(chance.randint(0, 5))]
        case "numbers":
            return [chance.uniform(spec.minimum, spec.maximum) for _ in range(chance.randint(0, 5))]
        case "number":
            return chance.choice([spec.minimum, spec.maximum, chance.uniform(spec.minimum, spec.maximum)])
        case _:
            return chance.randint(int(spec.minimum), int(spec.maximum))


def applied(saved: SavedSettings) -> Settings:
    files = [PictureFile.of_style(key) for key in saved.styles]
    return combine_settings(find_recipe(saved.recipe), files, saved.settings)


@pytest.mark.parametrize("seed", range(200))
def test_a_query_restores_recipe_styles_and_all_settings(seed: int) -> None:
    chance = random.Random(seed)
    values = [
        {name: some_value(known[name], chance) for name in chance.sample(list(known), chance.randint(0, len(known)))}
        for known in (specs(), specs(FilmSettings))
    ]
    settings, film = Settings.from_mapping(values[0]), FilmSettings(**values[1])
    recipe = chance.choice(recipes()).name
    styles = [style.key for style in chance.sample(bundled_styles(), chance.randint(0, 4))]
    query = to_query(recipe, styles, settings, film)
    saved = from_query(dict(parse_qsl(query, keep_blank_values=True, strict_parsing=True)))
    assert saved is not None
    assert (saved.recipe, saved.styles, saved.notes) == (recipe, tuple(styles), ())
    assert applied(saved) == settings
    assert FilmSettings(**saved.film) == film
    assert from_document(json.loads(json.dumps({"settings": dict(saved.settings)}))).settings == saved.settings


def test_a_query_holds_only_what_is_not_suggested() -> None:
    usual = combine_settings(find_recipe("draft"), [PictureFile.of_style("scream")], {})
    assert to_query("draft", ["scream", "starry_night"], usual) == "recipe=draft&style=scream,starry_night"
    assert to_query("draft", ["scream"], usual.replace(size=640)) == "recipe=draft&style=scream&size=640"
    assert to_query("draft", [], find_recipe("draft").to_settings(), FilmSettings(frame_rate=8)) == (
        "recipe=draft&frame_rate=8"
    )


def test_foreign_parameters_are_ignored_and_unknown_ones_noted() -> None:
    assert from_query({}) is None
    assert from_query({"__theme": "dark", "utm_source": "x"}) is None
    saved = from_query(
        {"__theme": "dark", "stepps": "3", "steps": "7", "seed": "x", "frame_steps": "5", "frame_rate": "0"}
    )
    assert saved == SavedSettings(
        settings={"steps": 7},
        film={"frame_steps": 5},
        notes=(
            "Left out: There is no setting called 'stepps'. Did you mean Steps?",
            "Left out: Seed is 'x'; it must be a whole number, 0 or more.",
            "Left out: Frames per second is 0; it must be a whole number from 1 to 60.",
        ),
    )


def test_a_document_is_read_as_far_as_it_is_understood() -> None:
    settings = {"steps": 7, "style_weight": math.nan, "style_layer_weights": [1, "x"], "colour": 1, "seed": {"a": []}}
    saved = from_document({"recipe": "monet", "styles": ["The Scream", "Own style", 7], "settings": settings})
    assert (saved.recipe, saved.styles, saved.settings) == ("standard", ("scream",), {"steps": 7})
    starts = (
        "There is no recipe called 'monet'", "Style strength is nan; it must be a number, 0", "Style layer 2 is",
        "There is no setting called 'colour'", "Seed is {'a': []}; it must be", "the style 'Own style' is not in the",
        "the style 7 is not in the gallery.",
    )  # fmt: skip
    assert len(saved.notes) == len(starts)
    for note, start in zip(saved.notes, starts, strict=True):
        assert note.startswith(f"Left out: {start}")


def test_a_rule_comes_back_and_a_mask_that_is_a_picture_is_said_to_be_missing(tmp_path: Path) -> None:
    query = to_query("draft", [], find_recipe("draft").to_settings(), mask="not-portrait")
    assert query == "recipe=draft&mask=not-portrait"
    assert from_query(dict(parse_qsl(query))) == SavedSettings(recipe="draft", mask="not-portrait")
    write_png(tmp_path / "a.png", PIXELS, settings=Settings(), network="vgg19", mask="upper")
    assert read_settings_file(tmp_path / "a.png").mask == "upper"
    for mask in ("face.png", 7, ["upper"]):
        saved = from_document({"settings": {}, "mask": mask})
        assert (saved.mask, saved.notes) == ("", (f"Left out: the mask {mask!r}, a picture of its own.",))


def test_the_share_of_a_style_goes_with_it() -> None:
    blend = {"styles": ["scream", "Own style"], "settings": {"style_weights": [0.25, 0.75]}}
    assert from_document(blend).settings == {"style_weights": [0.25]}


def test_notes_are_few_however_much_is_wrong() -> None:
    saved = from_document({"settings": {f"x{place}": 1 for place in range(1000)}})
    assert len(saved.notes) == MAX_NOTES + 1
    assert saved.notes[-1] == "Left out: 990 more entries."


def test_what_comes_after_a_hundred_values_is_not_looked_at() -> None:
    values: dict[str, Any] = {f"x{place}": 1 for place in range(MAX_VALUES - 1)}
    assert from_document({"settings": {**values, "steps": 7, "seed": 8}}).settings == {"steps": 7}


@pytest.mark.parametrize(
    "recipe", [10**5000, [], {}, 7, None, ""], ids=["huge", "list", "object", "7", "null", "empty"]
)
def test_strange_recipes_and_styles_are_no_trouble(recipe: object) -> None:
    saved = from_document({"recipe": recipe, "styles": [recipe], "settings": {"seed": 10**5000}})
    assert (saved.recipe, saved.styles, saved.settings) == ("standard", (), {})


@pytest.mark.parametrize("document", [None, 7, [], {}, "settings", {"settings": None}, {"settings": [1]}])
def test_what_is_no_such_document_is_refused(document: object) -> None:
    with pytest.raises(SettingsError, match="carries no settings"):
        from_document(document)


def test_both_files_of_a_run_give_its_settings(tmp_path: Path) -> None:
    folder = RunFolder("named", tmp_path)
    done = job(steps=7)
    write_settings(folder, done, a_step(1, 7, done.settings, PIXELS))
    png, film = tmp_path / "any name", FilmSettings(temporal_weight=7)
    write_png(png, PIXELS, settings=done.settings, film=film, network="vgg19", recipe="keras", styles=["The Scream"])
    assert read_settings_file(folder.file("settings")).settings == done.settings.to_dict()
    assert read_settings_file(png) == SavedSettings(
        recipe="keras", styles=("scream",), settings=done.settings.to_dict(), film=film.to_dict()
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This is neither a PNG nor JSON, or it is damaged."),
        (b"\xff\xd8\xff\xe0", "This is neither a PNG nor JSON, or it is damaged."),
        (b'{"settings": {"seed": \xe9}}', "This is neither a PNG nor JSON, or it is damaged."),
        (b"[" * 60_000, "This is neither a PNG nor JSON, or it is damaged."),
        (b'{"settings": {"seed": ' + b"9" * 5000 + b"}}", "This is neither a PNG nor JSON, or it is damaged."),
        (b'{"settings": {' + b" " * 10**7, "This is no PNG, and larger than the 64 KB of any settings.json."),
        (b"[1]", "This carries no settings; only a PNG or settings.json that this program wrote does."),
    ],
)
def test_other_files_are_refused_in_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path / "a.json", content)
    assert str(refused.value) == f"a.json: {sentence}"


def test_a_png_of_another_program_or_half_a_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(PIXELS).save(path)
    with pytest.raises(SettingsError, match=r"^a\.png: This carries no settings"):
        read_settings_file(path)
    write_png(path, PIXELS, settings=Settings(), network="vgg19")
    with pytest.raises(SettingsError, match="or it is damaged"):
        read(path, path.read_bytes()[:300])


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^gone\.json: The file cannot be read: no such file or directory\.$"):
        read_settings_file(tmp_path / "gone.json")


def test_what_json_allows_and_a_setting_does_not_is_left_out(tmp_path: Path) -> None:
    nested = b"[" * 500 + b"]" * 500
    content = b'\xef\xbb\xbf{"settings": {"seed": 1, "seed": 2, "steps": Infinity, "size": 1e999, "init": %s}}' % nested
    saved = read(tmp_path / "a.json", content)
    assert saved.settings == {"seed": 2}
    assert len(saved.notes) == 3
