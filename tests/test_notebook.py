"""``nst.stylize`` as people call it: in a real notebook, in a script, with an array in mind."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from nst.errors import OutputError
from nst.notebook import Painting, stylize
from nst.pictures.decode import read_picture
from nst.saved_settings import read_settings_file
from nst.transfer.options import StylizeOptions
from tests.networks import TinyNetwork
from tests.test_readme import README, ROOT
from tests.transfer.runs import TINY, paint, picture


@pytest.fixture(scope="module")
def painting() -> Painting:
    return stylize(picture(), picture(seed=1), TINY, StylizeOptions(device="cpu", network=TinyNetwork()))


def test_it_is_the_image_of_the_last_step(painting: Painting) -> None:
    last = paint()[-1]
    assert np.array_equal(painting, last.image)
    assert painting.dtype == np.uint8
    assert painting.step.losses == last.losses


def test_it_shows_itself_while_it_is_a_picture(painting: Painting, tmp_path: Path) -> None:
    (tmp_path / "shown.png").write_bytes(painting[4:20, 3:30]._repr_png_())
    assert np.array_equal(read_picture(tmp_path / "shown.png"), painting[4:20, 3:30])
    assert [other._repr_png_() for other in (painting / 2, painting[..., 0], painting[:0])] == [None] * 3


@pytest.mark.parametrize("name", ["painted.png", "painted.JPG", "painted.webp"])
def test_it_saves_itself(painting: Painting, tmp_path: Path, name: str) -> None:
    painting.save(tmp_path / name)
    saved = read_picture(tmp_path / name).astype(int)
    assert saved.shape == painting.shape
    if name.endswith("png"):
        assert np.array_equal(saved, painting)
        assert read_settings_file(tmp_path / name).settings["steps"] == TINY.steps


def test_it_is_not_saved_as_anything_else(painting: Painting, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"painted.gif must end in one of .png, .jpg, .jpeg, .webp\."):
        painting.save(tmp_path / "painted.gif")


@pytest.mark.parametrize(("progress", "shown"), [(None, False), (False, False), (True, True)])
def test_a_script_without_a_terminal_has_no_bar_unless_it_asks(
    progress: bool | None, shown: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    options = StylizeOptions(device="cpu", network=TinyNetwork())
    last = stylize(picture(), picture(seed=1), TINY, options, progress=progress).step
    out, err = capsys.readouterr()
    assert out == ""
    assert (f"{last.index}/{last.total}" in err) == shown
    assert (err == "") != shown


def test_the_readmes_notebook_shows_a_bar_and_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (code,) = re.findall(r"```python\n(from nst import Settings, read_picture, stylize\n.*?)```", README, flags=re.S)
    code = code.replace("size=256", "size=64, steps=1").replace("assets/", f"{ROOT}/assets/")
    (tmp_path / "photo.jpg").write_bytes((ROOT / "assets" / "styles" / "mosaic.jpg").read_bytes())
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = notebook.cells[0].outputs
    assert "image/png" in outputs[-1].data
    assert "1/1" in "".join(output.text for output in outputs if output.output_type == "stream")
    assert (tmp_path / "painted.png").exists()
