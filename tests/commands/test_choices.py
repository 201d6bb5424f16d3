import argparse
import json

import numpy as np
import pytest
from PIL import Image

from nst.commands.choices import read_choices
from nst.commands.transfer import add_transfer
from nst.errors import SettingsError
from nst.gallery.surprise import draw_surprise
from nst.pictures.png import write_png
from nst.recipes import find_recipe
from nst.steps import Job


def chosen(*words: object) -> Job:
    """The Job of a command line."""
    parser = argparse.ArgumentParser()
    add_transfer(parser)
    arguments = parser.parse_args([str(word) for word in words])
    return read_choices(arguments).job(*arguments.photos)


@pytest.fixture
def earlier(photo):
    """The picture of an earlier run, with a style of its own beside one of the gallery."""
    path = photo.with_name("earlier.png")
    settings = find_recipe("draft").to_settings({"size": 96, "seed": 7, "style_weights": [2, 1]})
    write_png(
        path, np.zeros((4, 6, 3), np.uint8), settings=settings, network="vgg19", recipe="draft",
        styles=["The Scream", "Own style"],
    )  # fmt: skip
    return path


def test_saved_settings_are_repeated(photo, earlier, capsys):
    job = chosen(photo, "--settings", earlier)
    assert (job.recipe, job.style_names) == ("draft", ("The Scream",))
    assert job.settings == find_recipe("draft").to_settings({"size": 96, "seed": 7, "style_weights": [2]})
    assert capsys.readouterr().err == "Left out: the style 'Own style' is not in the gallery.\n"


def test_flags_win_over_saved_settings(photo, earlier):
    job = chosen(photo, "--settings", earlier, "--style", "starry_night", "--quality", "fine", "--size", 128)
    assert (job.recipe, job.style_names) == ("fine", ("The Starry Night",))
    assert job.settings == find_recipe("fine").to_settings({"size": 128, "seed": 7})


def test_a_surprise_is_repeated_by_its_number_and_flags_win(photo, capsys):
    drawn = draw_surprise(7)
    job = chosen(photo, "--surprise", 7)
    assert (job.style_names, job.settings.style_scale) == ((drawn.style.title,), drawn.settings["style_scale"])
    assert job.settings.style_weight == drawn.settings["style_weight"]
    assert capsys.readouterr().err == f"{drawn} Repeat it with --surprise 7.\n"
    assert "Repeat it with --surprise " in (chosen(photo, "--surprise") and capsys.readouterr().err)
    other = chosen(photo, "--surprise", 7, "--style", photo, "--style-weight", 3)
    assert (other.style_names, other.settings.style_weight) == (("a photo.jpg",), 3)
    assert other.settings.style_scale == drawn.settings["style_scale"]


def test_a_mask_is_a_rule_or_a_file_and_a_rule_is_repeated(photo, tmp_path, capsys):
    file = tmp_path / "face.png"
    Image.new("L", (96, 72), 255).save(file)
    scream = (photo, "--style", "scream")
    assert chosen(*scream).mask_name == ""
    assert chosen(*scream, "--mask", file).mask_name == "face.png"
    assert chosen(*scream, "--mask", "not-upper").mask[[0, -1], 0, 0].tolist() == [0, 255]
    settings = tmp_path / "settings.json"
    for mask, name, note in (("lower", "lower", ""), ("face.png", "", "Left out: the mask 'face.png', a picture of")):
        settings.write_text(json.dumps({"settings": {}, "mask": mask}))
        assert chosen(*scream, "--settings", settings).mask_name == name
        assert chosen(*scream, "--settings", settings, "--mask", "dark").mask_name == "dark"
        assert capsys.readouterr().err.startswith(note)


def test_frames_are_kept_as_often_as_asked_for_else_as_the_recipe_says(photo):
    keras = (photo, "--style", "scream", "--recipe", "keras")
    assert [chosen(*keras).picture_every, chosen(*keras, "--every", 1).picture_every] == [100, 1]
    with pytest.raises(SettingsError, match="every is 0; it must be at least 1"):
        chosen(*keras, "--every", 0)
