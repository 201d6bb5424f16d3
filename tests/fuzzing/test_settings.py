"""Settings through every door: whatever comes in, they are valid or there is one sentence."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nst.commands import cli
from nst.errors import NSTError, SettingsError
from nst.pictures.png import SETTINGS, STYLES, write_plain_png
from nst.recipes import recipes
from nst.saved_settings import SavedSettings, from_document, from_query, read_settings_file, to_query
from nst.settings import Settings, specs
from tests.fuzzing.mutations import mend_checksums
from tests.fuzzing.sentences import assert_sentence
from tests.fuzzing.values import JSON, NAMES, TEXTS, VALUES


def assert_valid(saved: SavedSettings) -> None:
    """What was understood can be used, and each note is a sentence."""
    for note in saved.notes:
        assert_sentence(note)
    settings = Settings.from_mapping(saved.settings)
    assert from_query(dict(pair.split("=", 1) for pair in to_query(saved.recipe, saved.styles, settings).split("&")))


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_a_mapping(values: dict[str, Any]) -> None:
    try:
        settings = Settings.from_mapping(values)
    except SettingsError as error:
        assert_sentence(error)
    else:
        assert Settings.from_mapping(json.loads(json.dumps(settings.to_dict(), allow_nan=False))) == settings


@given(st.dictionaries(NAMES, TEXTS, max_size=6))
def test_the_address_of_the_page(parameters: dict[str, str]) -> None:
    saved = from_query(parameters)
    if saved is not None:
        assert_valid(saved)


@given(
    JSON
    | st.fixed_dictionaries(
        {"settings": st.dictionaries(NAMES, VALUES, max_size=6)},
        optional={"recipe": JSON, "styles": JSON | st.lists(JSON, max_size=40)},
    )
)
def test_a_document(document: Any) -> None:
    try:
        saved = from_document(document)
    except SettingsError as error:
        assert_sentence(error)
    else:
        assert_valid(saved)


def test_lists_within_lists() -> None:
    """As deep as Python can go, and deeper; where that is depends on who is asking."""
    value: list[Any] = []
    for depth in range(1_000):
        value = [value]
        if depth % 10 == 0:
            assert len(from_document({"settings": {"size": value}, "recipe": value, "styles": value}).notes) == 3


FILES = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=300).map(str.encode),
    JSON.map(json.dumps).map(str.encode),
    st.fixed_dictionaries({"settings": st.dictionaries(NAMES, VALUES, max_size=6)}).map(json.dumps).map(str.encode),
)


@given(FILES)
@example(b'{"settings": {}, "recipe": ' + b"[" * 900 + b"]" * 900 + b"}")
@example(b"[" * 60_000)
def test_a_settings_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(data)
    read(path)


def read(path: Path) -> None:
    try:
        saved = read_settings_file(path)
    except SettingsError as error:
        assert_sentence(error)
    else:
        assert_valid(saved)


LATIN = st.text(st.characters(max_codepoint=255), max_size=300)
PAINTING = np.full((16, 16, 3), 128, np.uint8)


@given(st.dictionaries(st.sampled_from([SETTINGS, STYLES, "Recipe"]), JSON.map(json.dumps) | LATIN, max_size=3))
def test_the_texts_of_a_png(tmp_path: Path, texts: dict[str, str]) -> None:
    path = tmp_path / "result.png"
    write_plain_png(path, PAINTING, texts)
    read(path)


@given(st.data())
def test_a_png_with_damaged_chunks(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "result.png"
    write_plain_png(path, PAINTING, {SETTINGS: json.dumps(Settings().to_dict()), STYLES: '["scream"]'})
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6), "changes")):
        at = data.draw(st.integers(8, len(whole) - 1), "at")
        whole[at : at + data.draw(st.integers(0, 9), "removed")] = data.draw(st.binary(max_size=9), "inserted")
    if data.draw(st.booleans(), "with right checksums"):
        mend_checksums(whole)
    path.write_bytes(whole)
    read(path)


FLAGS = st.sampled_from(
    ["--" + name.replace("_", "-") for name in specs()] + ["--style", "--settings", "--recipe", "--quality", "--memory"]
)
ARGUMENTS = TEXTS | st.binary(max_size=40).map(lambda name: name.decode(errors="surrogateescape"))


@given(st.lists(st.builds("{}={}".format, FLAGS, ARGUMENTS) | ARGUMENTS, max_size=4))
@example(["--style=" + "a" * 300])
@example(["--init=" + "a" * 300])
@example(["two\nlines"])
def test_the_command_line(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """There is no photo of that name, so nothing is painted whatever else is right."""
    try:
        code = cli.main(["transfer", "no such photo.jpg", *arguments])
    except SystemExit as end:
        code = end.code
    output = capsys.readouterr()
    if code == 0:
        assert output.out.startswith("usage:")
        return
    assert code == 2
    assert output.err.count("\n") == 1
    assert output.err.startswith("nst: ")


@given(st.sampled_from([recipe.name for recipe in recipes()]), st.dictionaries(st.sampled_from([*specs()]), VALUES))
def test_a_recipe_with_changes(name: str, changes: dict[str, Any]) -> None:
    recipe = next(recipe for recipe in recipes() if recipe.name == name)
    try:
        assert isinstance(recipe.to_settings(changes), Settings)
    except NSTError as error:
        assert_sentence(error)
