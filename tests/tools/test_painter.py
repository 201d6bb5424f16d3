import numpy as np
import pytest
from PIL import Image

from tools.painter.__main__ import PAINTINGS, STYLES, jpeg, main, painted
from tools.painter.colour import oklab

SHAPE = (80, 100)
WHITE, BLACK, RED = oklab(["#ffffff", "#000000", "#ff0000"])


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def colours_of(picture, size):
    return np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BOX), dtype=float)


@pytest.mark.parametrize("name", PAINTINGS)
def test_the_shipped_file_is_what_the_painter_paints(name):
    """Seen at a quarter of 256 px: the same seed correlates by 0.975 or more, another seed by 0.956 or less."""
    again = painted(name, 256)
    with Image.open(STYLES / f"{name}.jpg") as shipped:
        size = (again.width // 4, again.height // 4)
        mine, theirs = colours_of(again, size), colours_of(shipped, size)
    assert np.corrcoef(mine.ravel(), theirs.ravel())[0, 1] > 0.966
    assert np.abs(mine - theirs).mean() < 20


def test_two_runs_are_equal_to_the_bit():
    assert painted("water_lilies", 96).tobytes() == painted("water_lilies", 96).tobytes()


def test_the_command_paints_what_it_is_asked_for(tmp_path):
    main(["great_wave", "--size", "64", "--out", str(tmp_path / "new")])
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["great_wave.jpg"]
    with Image.open(tmp_path / "new" / "great_wave.jpg") as picture:
        assert picture.size == (64, 44)
        assert picture.info["comment"] == b"The Great Wave"


def test_the_contact_sheet_shows_the_whole_gallery(tmp_path):
    main(["--sheet", str(tmp_path / "sheet.jpg")])
    assert (tmp_path / "sheet.jpg").stat().st_size < 300_000
    with Image.open(tmp_path / "sheet.jpg") as again, Image.open(STYLES.parent / "contact_sheet.jpg") as shipped:
        assert again.size == shipped.size
        difference = np.abs(colours_of(again, (138, 112)) - colours_of(shipped, (138, 112)))
    assert difference.mean() < 2


def test_a_file_becomes_as_good_as_its_limit_allows(rng):
    noise = Image.fromarray(rng.integers(0, 256, (100, 100, 3), dtype=np.uint8))
    small, large = jpeg(noise, 6_000), jpeg(noise, 10**9)
    assert len(small) <= 6_000 < len(large)
    assert b"Exif" not in large


@pytest.mark.parametrize(("arguments", "named"), [(["sunflowers"], "sunflowers"), (["--size", "8"], "between 32")])
def test_the_command_refuses_what_it_cannot_paint(arguments, named, tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        main([*arguments, "--out", str(tmp_path)])
    assert caught.value.code == 2
    assert named in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
