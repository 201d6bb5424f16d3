"""From the page to a Job."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.errors import ImageError, SettingsError, StyleError
from nst.recipes import find_recipe
from nst.settings import ORIGINAL, Settings
from nst.ui.doors import Upload, accept
from nst.ui.order import MOST_STYLES, OWN, Picks, allowed_size, make_job


@pytest.fixture
def photo(tmp_path: Path) -> Upload:
    path = tmp_path / "my photo.png"
    Image.new("RGB", (90, 60), (10, 20, 30)).save(path)
    return accept(path)[0]


def test_a_click_picks_one_style() -> None:
    picks = Picks().toggled("scream", blend=False)
    assert picks.keys == ("scream",)
    assert picks.toggled("starry_night", blend=False).keys == ("starry_night",)
    assert picks.toggled("scream", blend=False).keys == ("scream",)


def test_in_a_blend_a_click_adds_and_the_next_takes_away() -> None:
    picks = Picks(keys=("scream",)).toggled("starry_night", blend=True)
    assert picks.keys == ("scream", "starry_night")
    assert picks.toggled("scream", blend=True).keys == ("starry_night",)
    full = Picks(keys=tuple("abcd")[:MOST_STYLES])
    assert full.toggled("e", blend=True).keys == ("b", "c", "d", "e")


def test_a_job_holds_what_stands_on_the_page(photo: Upload) -> None:
    settings = Settings().replace(size=256).to_dict()
    job, note = make_job(photo, Picks(keys=("scream",)), [0.5, 1, 1, 1], settings)
    assert np.array_equal(job.content, np.full((60, 90, 3), (10, 20, 30)))
    assert job.content_name == "my photo"
    assert job.style_names == ("The Scream",)
    assert job.settings.style_weights == ()
    assert (job.recipe, job.picture_every) == ("standard", 0)
    assert note == ""


def test_a_job_remembers_its_recipe(photo: Upload) -> None:
    settings = find_recipe("keras").to_settings().to_dict()
    job, _ = make_job(photo, Picks(keys=("scream",)), [1], settings, recipe="keras")
    assert (job.recipe, job.picture_every) == ("keras", 100)
    with pytest.raises(SettingsError, match="no recipe called 'monet'"):
        make_job(photo, Picks(keys=("scream",)), [1], settings, recipe="monet")


def test_blended_styles_carry_their_shares(photo: Upload) -> None:
    picks = Picks(keys=("starry_night", OWN), own=photo)
    job, _ = make_job(photo, picks, [0.25, 0.75, 1, 1], Settings().to_dict())
    assert job.settings.style_weights == (0.25, 0.75)
    assert job.style_names == ("The Starry Night", "Own style")
    assert np.array_equal(job.styles[1], job.content)


def test_what_is_missing_is_said(photo: Upload) -> None:
    with pytest.raises(ImageError, match="no photo yet"):
        make_job(None, Picks(keys=("scream",)), [], Settings().to_dict())
    with pytest.raises(StyleError, match="No style is picked"):
        make_job(photo, Picks(), [], Settings().to_dict())
    with pytest.raises(StyleError, match="choose it again"):
        make_job(photo, Picks(keys=(OWN,)), [], Settings().to_dict())
    with pytest.raises(SettingsError, match="steps"):
        make_job(photo, Picks(keys=("scream",)), [], {**Settings().to_dict(), "steps": 0})


def test_a_larger_size_is_reduced_and_the_page_says_so() -> None:
    assert allowed_size(512, 90, None) == (512, "")
    assert allowed_size(512, 90, 512) == (512, "")
    size, note = allowed_size(1024, 90, 512)
    assert size == 512
    assert "from 1024 to 512 px" in note
    assert allowed_size(ORIGINAL, 90, 100) == (ORIGINAL, "")
    assert allowed_size(ORIGINAL, 90, 64)[0] == 64


def test_a_studio_with_a_largest_size_does_not_enlarge_beyond_it(photo: Upload) -> None:
    settings = find_recipe("adam-128").to_settings().to_dict()
    picks = Picks(keys=("scream",))
    assert make_job(photo, picks, [], settings)[0].settings.enlarge == ORIGINAL
    assert make_job(photo, picks, [], settings, max_size=128)[0].settings.enlarge == ORIGINAL
    job, note = make_job(photo, picks, [], settings, max_size=80)
    assert (job.settings.size, job.settings.enlarge) == (80, "off")
    assert note.endswith("The result was not enlarged to 90 px: this studio makes at most 80 px.")
