"""What a caller of the API may send: the good becomes a Job, each bad value gets a sentence."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nst.errors import ImageError, NSTError, SettingsError, StyleError
from nst.limits import Limits
from nst.networks import NETWORKS
from nst.recipes import find_recipe
from nst.settings import Settings
from nst.validation import either
from nst.web.api_request import read_grid, read_job
from nst.web.upload_folder import is_uploaded


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """An uploaded photo, in Gradio's folder of uploads, as a client names it."""
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(uploads))
    Image.new("RGB", (90, 60), (10, 20, 30)).save(uploads / "lion.png")
    return {"path": str(uploads / "lion.png"), "orig_name": "My lion.png", "meta": {"_type": "gradio.FileData"}}


# --- good ---------------------------------------------------------------------------------------


def test_a_name_an_object_and_json_text_say_the_same(photo: dict[str, Any]) -> None:
    jobs = [read_job(photo, "scream", settings) for settings in ({"steps": 30}, '{"steps": 30}', '{"steps": 30.0}')]
    assert jobs[0].settings == jobs[1].settings == jobs[2].settings
    draft, fine = (find_recipe(name).settings for name in ("draft", "fine"))
    assert read_job(photo, "The Scream", "draft").settings.steps == draft["steps"]
    assert read_job(photo, "scream", " fine ").settings.steps == fine["steps"]
    assert read_job(photo, "scream", {"recipe": "fine", "steps": 7}).settings.step_decay == fine["step_decay"]
    assert read_job(photo, "scream", '{"recipe": "fine", "steps": 7}').settings.steps == 7


def test_a_published_recipe_is_whole(photo: dict[str, Any]) -> None:
    job = read_job(photo, "scream", "gatys")
    assert job.recipe == "gatys"
    assert job.settings == find_recipe("gatys").to_settings(), "the style suggests nothing to it"
    job = read_job(photo, "scream", {"recipe": "adam-128", "steps": 3}, Limits(size=80))
    assert (job.settings.steps, job.settings.enlarge) == (3, "off")
    assert job.notes[-1].endswith("this studio makes at most 80 px.")
    assert job.picture_every == find_recipe("adam-128").picture_every


def test_the_job_holds_the_photo_and_the_style_under_their_names(photo: dict[str, Any]) -> None:
    job = read_job(photo, "scream", {})
    assert np.array_equal(job.content, np.full((60, 90, 3), (10, 20, 30)))
    assert (job.content_name, job.style_names, job.notes) == ("My lion", ("The Scream",), ())


def test_a_style_may_be_a_file(photo: dict[str, Any]) -> None:
    job = read_job(photo, {**photo, "orig_name": "painting.jpg"}, {})
    assert np.array_equal(job.styles[0], job.content)
    assert job.style_names == ("painting",)


def test_what_suits_the_style_is_taken_unless_something_else_is_sent(photo: dict[str, Any]) -> None:
    suggested = read_job(photo, "scream", {}).settings
    assert suggested != Settings()
    sent = {name: value for name, value in Settings().to_dict().items() if value != suggested.to_dict()[name]}
    assert read_job(photo, "scream", sent).settings == Settings()


def test_a_larger_size_is_reduced_with_a_note(photo: dict[str, Any]) -> None:
    job = read_job(photo, "scream", {"size": 512}, Limits(size=128))
    assert job.settings.size == 128
    assert "from 512 to 128 px" in job.notes[0]
    assert read_job(photo, "scream", {"size": "original"}, Limits(size=80)).settings.size == 80


# --- bad ----------------------------------------------------------------------------------------

HUGE = 10**400
WHOLE_STEPS = "it must be a whole number from 1 to 5000 steps."
SIZES = "it must be a whole number from 64 to 8192 px, or original."
WEIGHTS = "it must be a number, 0 or more."

BAD_SETTINGS: list[tuple[Any, str]] = [
    # not an object
    (None, "settings is None; it must be a JSON object"),
    (7, "settings is 7; it must be a JSON object"),
    (True, "settings is True; it must be a JSON object"),
    ([], "settings is []; it must be a JSON object"),
    ([{"steps": 3}], "settings is [{'steps': 3}]; it must be a JSON object"),
    ("", "There is no recipe called ''; there are draft, standard, fine, gatys"),
    ("best", "There is no recipe called 'best'; there are draft, standard, fine, gatys"),
    ("gatsy", "There is no recipe called 'gatsy'; there are draft"),
    ({"recipe": 5}, "There is no recipe called 5; there are draft"),
    ({"recipe": ["fine"]}, "There is no recipe called ['fine']; there are draft"),
    ({"recipe": "fine", "steps": 0}, f"steps is 0; {WHOLE_STEPS}"),
    ("{", "settings is '{'; it must be a JSON object"),
    ("[1]", "settings is '[1]'; it must be a JSON object"),
    ("null", "settings is 'null'; it must be a JSON object"),
    ('"draft"', "settings is '\"draft\"'; it must be a JSON object"),
    ("[" * 100_000, "settings is '[[[["),
    ('{"a":' * 5_000, 'settings is \'{"a":'),
    ('{"seed": ' + "9" * 5_000 + "}", 'settings is \'{"seed": 999'),
    # names
    ({"stepps": 3}, "There is no setting called 'stepps'. Did you mean steps?"),
    ({"": 3}, "There is no setting called ''."),
    ({"__class__": 3}, "There is no setting called '__class__'."),
    ({"weights": "/etc/passwd"}, "There is no setting called 'weights'."),
    ({"x" * 500: 3}, "There is no setting called 'xxx"),
    # numbers
    ({"steps": 0}, f"steps is 0; {WHOLE_STEPS}"),
    ({"steps": -5}, f"steps is -5; {WHOLE_STEPS}"),
    ({"steps": 5001}, f"steps is 5001; {WHOLE_STEPS}"),
    ({"steps": 10.7}, f"steps is 10.7; {WHOLE_STEPS}"),
    ({"steps": "60"}, f"steps is '60'; {WHOLE_STEPS}"),
    ({"steps": True}, f"steps is True; {WHOLE_STEPS}"),
    ({"steps": None}, "steps is empty; enter a whole number from 1 to 5000 steps."),
    ({"steps": [60]}, f"steps is [60]; {WHOLE_STEPS}"),
    ({"steps": {"$gt": 0}}, f"steps is {{'$gt': 0}}; {WHOLE_STEPS}"),
    ({"steps": math.nan}, f"steps is nan; {WHOLE_STEPS}"),
    ({"steps": math.inf}, f"steps is inf; {WHOLE_STEPS}"),
    ('{"steps": NaN}', f"steps is nan; {WHOLE_STEPS}"),
    ('{"steps": 1e999}', f"steps is inf; {WHOLE_STEPS}"),
    ({"steps": HUGE}, "steps is 1000"),
    ({"size": 63}, f"size is 63; {SIZES}"),
    ({"size": 8193}, f"size is 8193; {SIZES}"),
    ({"size": "Original"}, f"size is 'Original'; {SIZES}"),
    ({"size": "512 px"}, f"size is '512 px'; {SIZES}"),
    ({"size": 256.5}, f"size is 256.5; {SIZES}"),
    ({"size": [256, 256]}, f"size is [256, 256]; {SIZES}"),
    ({"style_weight": -0.1}, f"style_weight is -0.1; {WEIGHTS}"),
    ({"style_weight": 1e10}, "style_weight is 10000000000.0; it must be a number from 0 to 1000000000."),
    ({"style_weight": -math.inf}, f"style_weight is -inf; {WEIGHTS}"),
    ({"content_weight": "0.5"}, f"content_weight is '0.5'; {WEIGHTS}"),
    ({"tv_weight": False}, f"tv_weight is False; {WEIGHTS}"),
    ({"style_scale": 0}, "style_scale is 0; it must be a number from 0.1 to 8."),
    ({"learning_rate": "fast"}, "learning_rate is 'fast'; it must be a number from 1e-06 to 10000, or auto."),
    ({"seed": -1}, "seed is -1; it must be a whole number, 0 or more."),
    ({"seed": 2**31}, "seed is 2147483648; it must be a whole number from 0 to 2147483647."),
    ({"init_blend": 1.01}, "init_blend is 1.01; it must be a number from 0 to 1."),
    ({"pyramid_factor": 1}, "pyramid_factor is 1; it must be a number from 1.1 to 8."),
    # choices
    ({"network": "resnet"}, f"network is 'resnet'; it must be {either(tuple(NETWORKS))}."),
    ({"optimizer": "LBFGS"}, "optimizer is 'LBFGS'; it must be lbfgs, adam or sgd."),
    ({"init": ["noise"]}, "init is ['noise']; it must be recoloured, content, noise, style or blend."),
    ({"pooling": None}, "pooling is None; it must be max or average."),
    ({"lr_schedule": 0}, "lr_schedule is 0; it must be constant, exponential or cosine."),
    # lists
    ({"style_layer_weights": 1}, "style_layer_weights is 1; it must be a list of at most 32 numbers."),
    ({"style_layer_weights": "1,1"}, "style_layer_weights is '1,1'; it must be a list of at most 32 numbers."),
    ({"style_layer_weights": [1, math.nan]}, f"style_layer_weights[1] is nan; {WEIGHTS}"),
    ({"style_layer_weights": [[1]]}, f"style_layer_weights[0] is [1]; {WEIGHTS}"),
    ({"style_layer_weights": [1] * 33}, "style_layer_weights has 33 entries; at most 32 are allowed."),
    ({"style_layers": "conv1_1"}, "style_layers is 'conv1_1'; it must be a list of at most 32 names."),
    ({"style_layers": ["../x"]}, "style_layers holds '../x'; it must be the name of a layer, such as conv4_2."),
    ({"content_layers": [4]}, "content_layers holds 4; it must be the name of a layer"),
]


def test_there_are_enough_of_them() -> None:
    assert len(BAD_SETTINGS) >= 50


@pytest.mark.parametrize("place", range(len(BAD_SETTINGS)))
def test_each_bad_setting_gets_its_sentence(place: int, photo: dict[str, Any]) -> None:
    settings, sentence = BAD_SETTINGS[place]
    with pytest.raises(SettingsError) as refused:
        read_job(photo, "scream", settings)
    assert str(refused.value).startswith(sentence)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "value",
    [None, 1, True, [], {}, "lion.png", "http://127.0.0.1/x.png", "data:image/png;base64,x", {"path": None},
     {"path": 5}, {"path": "/etc/passwd"}, {"path": "{uploads}/../secret.png"}, {"path": "\0"}, {"path": "x" * 9000},
     {"path": "http://127.0.0.1/x.png"}, {"url": "http://127.0.0.1/x.png"}, {"path": ["{uploads}/lion.png"]}],
)  # fmt: skip
def test_what_is_no_uploaded_file_is_refused(value: Any, photo: dict[str, Any], tmp_path: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "secret.png")
    sent = json.loads(json.dumps(value).replace("{uploads}", str(tmp_path / "uploads")))
    with pytest.raises(ImageError, match=r"^photo is .*; it must be a file that was uploaded to this studio before"):
        read_job(sent, "scream", {})
    with pytest.raises(NSTError, match=r"^style is |There is no style called"):
        read_job(photo, sent, {})
    if sent is not None:
        with pytest.raises(ImageError, match=r"^mask is |There is no mask called"):
            read_job(photo, "scream", {}, mask=sent)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "photo: This file is empty."), (b"just text", "photo: This file is not a picture of a kind that can be"),
     (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "photo: This PNG file is damaged")],
)  # fmt: skip
def test_an_uploaded_file_that_is_no_picture_is_refused(content: bytes, sentence: str, photo: dict[str, Any]) -> None:
    Path(photo["path"]).write_bytes(content)
    with pytest.raises(ImageError, match=f"^{sentence}"):
        read_job(photo, "scream", {})
    good = {**photo, "path": _good(photo)}
    with pytest.raises(ImageError, match=f"^{sentence.replace('photo', 'style')}"):
        read_job(good, photo, {})
    with pytest.raises(ImageError, match=f"^{sentence.replace('photo', 'mask')}"):
        read_job(good, "scream", {}, mask=photo)


def _good(photo: dict[str, Any]) -> str:
    path = Path(photo["path"]).with_name("good.png")
    Image.new("RGB", (64, 64)).save(path)
    return str(path)


def test_an_unknown_style_is_refused_with_the_list(photo: dict[str, Any]) -> None:
    with pytest.raises(StyleError, match=r"no style called 'screem'; the gallery has .*scream.*Did you mean scream"):
        read_job(photo, "screem", {})


def test_a_file_that_is_gone_and_a_folder_are_refused(photo: dict[str, Any]) -> None:
    with pytest.raises(ImageError, match="photo: There is no such file"):
        read_job({"path": photo["path"] + "x"}, "scream", {})
    with pytest.raises(ImageError, match="photo: This is not a file but a folder"):
        read_job({"path": str(Path(photo["path"]).parent)}, "scream", {})


def test_settings_are_refused_before_any_picture_is_decoded(photo: dict[str, Any]) -> None:
    Path(photo["path"]).write_bytes(b"")
    with pytest.raises(SettingsError):
        read_job(photo, "scream", {"steps": 0})


def test_a_link_out_of_the_uploads_is_not_inside(photo: dict[str, Any]) -> None:
    link = Path(photo["path"]).with_name("link")
    link.symlink_to("/etc/passwd")
    assert is_uploaded(photo["path"])
    assert not is_uploaded(str(link))


# --- grids --------------------------------------------------------------------------------------


@pytest.mark.parametrize("vary", [{"steps": [2, 3]}, '{"steps": [2, 3]}', {"steps": "2,3"}])
def test_a_grid_has_a_job_for_each_cell(photo: dict[str, Any], vary: Any) -> None:
    grid, jobs = read_grid(photo, "scream", vary, {"recipe": "fine", "size": 64})
    assert list(jobs) == [cell.name for cell in grid.cells] == ["steps=2", "steps=3"]
    assert [job.settings.steps for job in jobs.values()] == [2, 3]
    assert {(job.recipe, job.settings.size) for job in jobs.values()} == {("fine", 64)}


def test_the_variations_of_a_recipe_are_whole_recipes(photo: dict[str, Any]) -> None:
    _, jobs = read_grid(photo, "scream", "variations", "adam-5000")
    assert all(job.settings == find_recipe(name).to_settings() for name, job in jobs.items())
    assert [job.recipe for job in jobs.values()] == list(jobs)


@pytest.mark.parametrize(
    ("vary", "sentence"),
    [
        (None, "vary is None; it must be as in"),
        ("steps", "vary is 'steps'; it must be as in"),
        ([1], "vary is [1]; it must be as in"),
        ({}, "A grid varies one or two settings; 0 are named."),
        ({"steps": [1], "seed": [1], "size": [64], "x": [1]}, "A grid varies one or two settings; 3 are named."),
        ({"stepps": [1]}, "There is no setting called 'stepps'. Did you mean steps?"),
        ({"steps": 5}, "steps has no values"),
        ({"steps": [math.nan]}, "steps is nan; it must be a whole number"),
        ({"steps": [[1]]}, "steps is [1]; it must be a whole number"),
        ({"steps": [5000], "size": [8192]}, "Steps x pixels is"),
        ("variations", "The recipe standard has no variations"),
    ],
)
def test_a_grid_that_makes_no_sense_gets_a_sentence(photo: dict[str, Any], vary: Any, sentence: str) -> None:
    with pytest.raises(NSTError) as refused:
        read_grid(photo, "scream", vary, {"coarsest": 8192})
    assert str(refused.value).startswith(sentence)
