"""``python -m nst recipes`` and the flag that follows one."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.commands.cli import main
from nst.recipes import find_recipe, recipes


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    ramp = np.indices((60, 100)).sum(axis=0).astype(np.uint8)
    path = tmp_path / "photo.png"
    Image.fromarray(np.stack([ramp, 255 - ramp, ramp // 2], axis=-1)).save(path)
    return path


def test_recipes_are_listed_for_people_and_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recipes"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [recipe.name for recipe in recipes()]
    assert find_recipe("gatys").description in lines[3]
    assert main(["recipes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [recipe.to_dict() for recipe in recipes()]


def test_one_recipe_is_told_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recipes", "tensorflow"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    recipe = find_recipe("tensorflow")
    for words in (recipe.source, recipe.url, recipe.published, recipe.converted, recipe.differs):
        assert words in told
    assert "--learning-rate 0.02" in told
    assert "--style-loss raw --content-layers conv5_2" in told
    assert "--style-layer-weights 1,4,16,64,64" in told
    assert main(["recipes", "TensorFlow", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == recipe.to_dict()


def test_a_recipe_is_followed_with_flags_on_top(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    small = ["--size", "64", "--steps", "5", "--content-weight", "2"]
    assert main(["transfer", str(photo), "--style", "scream", "--recipe", "keras", *small, "--out", "out"]) == 0
    assert capsys.readouterr().err == ""
    document = json.loads((tmp_path / "out" / "settings.json").read_text())
    assert document["recipe"] == "keras"
    wanted = find_recipe("keras").to_settings({"size": 64, "steps": 5, "content_weight": 2})
    assert document["settings"] == wanted.to_dict(), "the style suggests nothing to a published recipe"
    frames = sorted(path.stem for path in (tmp_path / "out" / "frames").iterdir())
    assert frames == ["000000", "000005"], "a picture every 100 steps, and the last"
    with Image.open(tmp_path / "out" / "progress.gif") as gif:
        assert gif.n_frames == 2


def test_a_small_painting_is_enlarged_and_its_making_is_not(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    flags = ["--size", "64", "--steps", "2", "--json", "--out", "out"]
    assert main(["transfer", str(photo), "--style", "scream", "--recipe", "adam-128", *flags]) == 0
    out, err = capsys.readouterr()
    assert "painted at 64 x 38 px and enlarged to 100 x 60 px" in err
    assert json.loads(out.splitlines()[-2])["width"] == 64
    with Image.open(tmp_path / "out" / "result.png") as result, Image.open(tmp_path / "out" / "progress.gif") as gif:
        assert (result.size, gif.size) == ((100, 60), (64, 38))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["recipes", "monet"], "There is no recipe called 'monet'; there are draft, standard"),
        (["transfer", "{photo}", "--style", "scream", "--recipe", "kers"], "Did you mean keras?"),
        (["transfer", "{photo}", "--style", "scream", "--recipe", "keras", "--steps", "0"], "--steps is 0"),
    ],
)
def test_a_mistake_is_one_line(
    photo: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([argument.format(photo=photo) for argument in arguments]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert sentence in err


def test_a_quality_and_a_recipe_are_one_too_many(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["transfer", str(photo), "--style", "scream", "--quality", "draft", "--recipe", "keras"])
    assert left.value.code == 2
    assert "not allowed with argument" in capsys.readouterr().err
