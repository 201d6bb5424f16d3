import io
import json
import resource
import zipfile
from contextlib import contextmanager
from dataclasses import replace

import imageio.v3 as iio
import numpy as np
import pytest
from PIL import Image

from nst.errors import OutputError
from nst.pictures.png import read_png
from nst.runs.finish import finish
from nst.runs.folder import FILES, RunFolder
from nst.runs.record import record
from nst.saved_settings import read_settings_file
from nst.steps import Pictures
from tests.engines.loops import a_step, job

LEFT = {*(file.name for file in FILES.values()), "frames"}


@pytest.fixture
def folder(tmp_path):
    return RunFolder.new(tmp_path)


def painted(folder, the_job, end="finished", **moved):
    """The last Step of a recorded run whose five pictures get brighter and larger."""
    settings = the_job.settings.replace(**moved)
    pictures = [np.full((32 + 8 * i, 48 + 12 * i, 3), 50 * i, np.uint8) for i in range(5)]
    steps = [
        replace(a_step(i, 4, settings, picture, end=end if i == 4 else None), width=48 + 12 * i, height=32 + 8 * i)
        for i, picture in enumerate(pictures)
    ]
    return list(record(steps, folder, the_job))[-1]


@contextmanager
def no_file_above(size: int):
    """The operating system refuses to write more than ``size`` bytes into a file, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_the_result_gets_the_alpha_of_the_photo_at_its_own_size(folder):
    alpha = np.zeros((32, 48), np.uint8)
    alpha[:, 24:] = 255
    picture = np.full((64, 64, 3), 100, np.uint8)
    see_through = replace(job(), load=lambda: Pictures(picture, (picture,), alpha))
    last = painted(folder, see_through)
    files = dict(finish(folder, see_through, last))
    with Image.open(files["png"]) as result, Image.open(files["sheet"]) as sheet:
        assert (result.mode, sheet.mode) == ("RGBA", "RGB")
        transparent = np.array(result.getchannel("A"))
    assert transparent.shape == last.image.shape[:2]
    assert (transparent[:, :40] == 0).all()
    assert (transparent[:, -40:] == 255).all()
    np.testing.assert_array_equal(read_png(files["png"]), last.image)


@pytest.mark.parametrize("end", ["finished", "stopped"])
def test_every_kind_of_file_is_written_the_picture_first(folder, end):
    last = painted(folder, job(), end)
    told = []
    for kind, path in finish(folder, job(), last):
        assert path.is_file()
        told.append((kind, path.name))
    assert told[0] == ("png", "result.png")
    assert told[-1] == ("zip", "result.zip")
    assert dict(told) == {kind: file.name for kind, file in FILES.items()}


def test_the_picture_is_the_last_image_with_the_settings_in_force(folder):
    last = painted(folder, job(steps=4), style_weight=2.5)
    files = dict(finish(folder, job(steps=4), last))
    assert np.array_equal(read_png(files["png"]), last.image)
    assert read_settings_file(files["png"]).settings == last.settings.to_dict()


def test_settings_tell_the_start_what_was_moved_and_the_end(folder):
    last = painted(folder, job(steps=4), style_weight=2.5)
    files = dict(finish(folder, job(steps=4), last))
    document = json.loads(files["settings"].read_text())
    assert document["settings"]["style_weight"] == 1.0
    assert document["changed"] == {"style_weight": 2.5}
    assert (document["end"], document["step"], document["steps"]) == ("finished", 4, 4)
    assert (document["width"], document["height"]) == (96, 64)


def test_an_enlarged_result_is_whole_and_its_making_stays_as_small_as_it_was_painted(folder):
    last = replace(painted(folder, job()), image=np.full((640, 960, 3), 200, np.uint8))
    files = dict(finish(folder, job(), last))
    assert read_png(files["png"]).shape == (640, 960, 3)
    document = json.loads(files["settings"].read_text())
    assert (document["width"], document["height"]) == (960, 640)
    with Image.open(files["gif"]) as gif:
        assert gif.size == (96, 64)


def test_the_recipe_and_the_styles_are_told_in_the_settings_and_in_the_picture(folder):
    followed = replace(job(), recipe="keras", style_names=("The Scream\n",))
    files = dict(finish(folder, followed, painted(folder, followed)))
    assert json.loads(files["settings"].read_text())["recipe"] == "keras"
    with Image.open(files["png"]) as picture:
        assert picture.text["Recipe"] == "keras"
        assert json.loads(picture.text["Styles"]) == ["The Scream"]


def test_the_films_show_the_making_and_end_with_the_result(folder):
    files = dict(finish(folder, job(), painted(folder, job())))
    with Image.open(files["gif"]) as gif:
        assert gif.n_frames == 5
        assert gif.size == (96, 64)
        gif.seek(4)
        assert np.allclose(np.asarray(gif.convert("RGB")), 200, atol=3)
    film = iio.imread(files["mp4"], plugin="pyav")
    assert film.shape[1:] == (64, 96, 3)
    assert np.allclose(film[0], 0, atol=8)
    assert np.allclose(film[-1], 200, atol=8)


def test_the_sheet_shows_content_style_and_result(folder):
    sheet = read_png(dict(finish(folder, job(colour=123), painted(folder, job())))["sheet"])
    for colour in (123, 200):
        assert (sheet == colour).all(axis=2).sum() > 500


def test_the_zip_holds_all_other_files_under_the_runs_id(folder):
    files = dict(finish(folder, job(), painted(folder, job())))
    with zipfile.ZipFile(files["zip"]) as archive:
        assert archive.testzip() is None
        contents = {name: archive.read(name) for name in archive.namelist()}
    assert contents == {f"{folder.id}/{path.name}": path.read_bytes() for kind, path in files.items() if kind != "zip"}
    with Image.open(io.BytesIO(contents[f"{folder.id}/result.png"])) as picture:
        picture.load()


def test_nothing_else_is_left_in_the_folder(folder):
    folder.begin()
    folder.checkpoint.touch()
    list(finish(folder, job(), painted(folder, job())))
    assert {path.name for path in folder.path.iterdir()} == {*LEFT, "content.png", "style-1.png"}


def test_a_folder_that_was_named_gets_the_files_alone_and_keeps_what_is_there(tmp_path):
    folder = RunFolder("named", tmp_path)
    for name in ("content.png", "checkpoint.png"):
        (tmp_path / name).write_text("mine")
    list(finish(folder, job(), painted(folder, job())))
    assert {path.name for path in tmp_path.iterdir()} == {*LEFT, "content.png", "checkpoint.png"}
    assert (tmp_path / "content.png").read_text() == (tmp_path / "checkpoint.png").read_text() == "mine"


def test_a_disk_that_is_full_is_one_sentence_and_leaves_no_half_picture(folder):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    (last,) = record([a_step(0, 1, job().settings, noise, end="stopped")], folder, job())
    before = set(folder.path.rglob("*"))
    with no_file_above(4000), pytest.raises(OutputError, match=r"^result\.png cannot be written: File too large\.$"):
        list(finish(folder, job(), last))
    assert set(folder.path.rglob("*")) == before


def test_a_disk_that_fills_up_keeps_what_was_written_whole(folder):
    last = painted(folder, job())
    files = dict(finish(folder, job(), last))
    largest = max(path.stat().st_size for kind, path in files.items() if kind != "zip")
    files["zip"].unlink()
    told = []
    with no_file_above(largest + 100), pytest.raises(OutputError, match=r"^result\.zip cannot be written"):
        told.extend(kind for kind, _ in finish(folder, job(), last))
    assert {path.name for path in folder.path.iterdir()} == {*LEFT, "content.png", "style-1.png"} - {"result.zip"}


def test_a_run_of_one_picture_is_enough(folder):
    step = a_step(0, 1, job().settings, np.zeros((64, 3, 3), np.uint8), end="stopped")
    (last,) = record([step], folder, job())
    assert set(dict(finish(folder, job(), last))) == set(FILES)
