"""From what a person chose to a Job."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.errors import ImageError, SettingsError, StyleError
from nst.jobs import TRANSPARENT, PictureFile, fit_limits, make_job
from nst.limits import Limits
from nst.pictures.decode import DAMAGED
from nst.recipes import find_recipe
from nst.settings import ORIGINAL, Settings
from nst.steps import Start

SCREAM = PictureFile.of_style("scream")


@pytest.fixture
def photo(tmp_path: Path) -> PictureFile:
    path = tmp_path / "my photo.png"
    Image.new("RGB", (90, 60), (10, 20, 30)).save(path)
    return PictureFile(path=path, name="my photo")


def test_a_job_holds_the_pictures_and_their_names(photo: PictureFile) -> None:
    job = make_job(photo, [SCREAM, photo], {"style_weights": [0.25, 0.75]})
    assert np.array_equal(job.content, np.full((60, 90, 3), (10, 20, 30)))
    assert np.array_equal(job.styles[1], job.content)
    assert job.content_name == "my photo"
    assert job.style_names == ("The Scream", "my photo")
    assert job.settings.style_weights == (0.25, 0.75)
    assert (job.recipe, job.picture_every, job.notes) == ("standard", 0, ())
    digests = [SCREAM.digest(), photo.digest()]
    assert job.sources == {"content": digests[1], "style 1": digests[0], "style 2": digests[1]}


def test_a_job_holds_no_picture_before_it_is_loaded(photo: PictureFile) -> None:
    job = make_job(photo, [SCREAM], {})
    loaded = job.loaded()
    assert loaded.content is loaded.content
    photo.path.unlink()
    assert loaded.content.shape == (60, 90, 3)
    with pytest.raises(ImageError, match="There is no such file"):
        job.loaded()


def test_a_very_large_picture_is_made_smaller_for_a_run_but_not_below_what_the_run_paints(tmp_path: Path) -> None:
    path = tmp_path / "wide.png"
    Image.new("RGB", (6000, 400)).save(path)
    wide = PictureFile(path=path, name="wide")
    small = make_job(wide, [wide], {"size": 64})
    assert (small.content_size, small.scales[-1].width, small.scales[-1].height) == ((6000, 400), 64, 4)
    assert [picture.shape for picture in (small.content, *small.styles)] == [(273, 4096, 3)] * 2
    assert make_job(wide, [wide], {"size": 64, "enlarge": "original"}).size == (6000, 400)
    original = make_job(wide, [wide], {"size": "original", "steps": 1, "coarsest": 4096})
    assert [picture.shape for picture in (original.content, *original.styles)] == [(400, 6000, 3)] * 2


def test_a_job_says_what_is_missing_or_transparent(tmp_path: Path) -> None:
    path = tmp_path / "cutout.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 4), np.uint8)).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    photo = PictureFile(path=path, name="cutout")
    job = make_job(photo, [photo], {})
    assert job.notes == (f"cutout: {DAMAGED}", TRANSPARENT, f"cutout: {DAMAGED}")
    assert job.alpha is not None
    assert job.alpha.shape == (64, 64)
    assert (job.alpha[-4:] == 0).all()


def test_a_mask_is_checked_when_the_job_is_made_and_read_when_it_is_loaded(photo: PictureFile, tmp_path: Path) -> None:
    path = tmp_path / "face.png"
    Image.new("L", (180, 120), "white").save(path)
    file = PictureFile(path=path, name="face.png", label="mask")
    job = make_job(photo, [SCREAM], {}, mask=file)
    assert (job.mask_name, job.mask.shape, job.mask.min()) == ("face.png", (120, 180, 3), 255)
    ruled = make_job(photo, [SCREAM], {}, mask="not-upper")
    assert (ruled.mask_name, ruled.mask[0, 0, 0], ruled.mask[-1, 0, 0]) == ("not-upper", 0, 255)
    assert (make_job(photo, [SCREAM], {}).mask, make_job(photo, [SCREAM], {}).mask_name) == (None, "")
    with pytest.raises(ImageError, match="no mask called 'face'"):
        make_job(photo, [SCREAM], {}, mask="face")
    Image.new("RGB", (90, 60), "red").save(path)
    with pytest.raises(ImageError, match="The mask has colours"):
        make_job(photo, [SCREAM], {}, mask=file)
    assert make_job(photo, [SCREAM, photo], {}, mask=file).mask[0, 0].tolist() == [255, 0, 0]
    path.write_bytes(path.read_bytes()[:-30])
    assert make_job(photo, [SCREAM, photo], {}, mask=file).notes == (f"mask: {DAMAGED}",)


def test_a_job_knows_its_scales(photo: PictureFile) -> None:
    job = make_job(photo, [SCREAM], {"size": 512, "coarsest": 256, "pyramid_factor": 2, "steps": 10, "step_decay": 0.5})
    assert [(scale.width, scale.height, scale.steps) for scale in job.scales] == [(256, 171, 10), (512, 341, 5)]
    assert job.scales is job.scales, "they are worked out once"


def test_a_job_that_starts_from_a_picture_has_only_the_finest_scale(photo: PictureFile) -> None:
    settings = {"size": 512, "coarsest": 128, "steps": 10}
    job = make_job(photo, [SCREAM], settings, start=SCREAM)
    assert [(scale.width, scale.height, scale.steps) for scale in job.scales] == [(512, 341, 10)]
    assert np.array_equal(job.start.picture, SCREAM.read())
    whole = make_job(photo, [SCREAM], settings).scales
    assert replace(job, start=Start(SCREAM.read(), 3)).scales == whole
    assert replace(job, start=Start(SCREAM.read(), 3, one_scale=True)).scales == job.scales
    with pytest.raises(SettingsError, match="Steps x pixels"):
        make_job(photo, [SCREAM], {"size": 512, "steps": 100}, start=SCREAM, limits=Limits(work=10**7))


def test_the_style_suggests_to_our_own_recipes_what_nobody_changed(photo: PictureFile) -> None:
    assert SCREAM.suggested
    plain, suggested = Settings().to_dict(), make_job(photo, [SCREAM], {}).settings.to_dict()
    assert {name: suggested[name] for name in SCREAM.suggested} == dict(SCREAM.suggested)
    changes = {name: plain[name] for name in SCREAM.suggested}
    assert make_job(photo, [SCREAM], changes).settings == Settings()
    assert make_job(photo, [photo, SCREAM], {}).settings == make_job(photo, [SCREAM], {}).settings


def test_a_published_recipe_is_a_whole_setup(photo: PictureFile) -> None:
    job = make_job(photo, [SCREAM], {}, recipe="keras")
    assert job.settings == find_recipe("keras").to_settings()
    assert (job.recipe, job.picture_every) == ("keras", 100)
    assert make_job(photo, [SCREAM], {"steps": 3}, recipe=" Keras ").settings.steps == 3


def test_what_is_missing_or_wrong_is_said(photo: PictureFile, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no photo yet"):
        make_job(None, [SCREAM], {})
    with pytest.raises(StyleError, match="No style is picked"):
        make_job(photo, [], {})
    with pytest.raises(StyleError, match="no style called 'screem'"):
        PictureFile.of_style("screem")
    with pytest.raises(SettingsError, match="no recipe called 'monet'"):
        make_job(photo, [SCREAM], {}, recipe="monet")
    gone = PictureFile(path=tmp_path / "gone.png", name="gone", label="photo")
    with pytest.raises(SettingsError, match="steps is 0"):
        make_job(gone, [SCREAM], {"steps": 0})
    with pytest.raises(ImageError, match=r"^photo: There is no such file\.$"):
        make_job(gone, [SCREAM], {})


def test_more_work_than_the_limit_is_refused(photo: PictureFile) -> None:
    with pytest.raises(SettingsError, match=r"Steps x pixels is .* million .*the limit is 1 million"):
        make_job(photo, [SCREAM], {"size": 1024, "steps": 100}, limits=Limits(work=10**6))


def test_a_larger_size_is_reduced_with_a_note() -> None:
    usual = Settings(size=512)
    assert fit_limits(usual, 90, None) == (usual, ())
    assert fit_limits(usual, 90, 512) == (usual, ())
    settings, notes = fit_limits(Settings(size=1024), 90, 512)
    assert settings.size == 512
    assert notes == ("The size was reduced from 1024 to 512 px, the largest that this studio paints.",)
    whole = Settings(size=ORIGINAL)
    assert fit_limits(whole, 90, 100) == (whole, ())
    assert fit_limits(whole, 90, 64)[0].size == 64


def test_a_studio_with_a_largest_size_does_not_enlarge_beyond_it(photo: PictureFile) -> None:
    def job(size: int | None):
        return make_job(photo, [SCREAM], {}, recipe="adam-128", limits=Limits(size=size))

    assert job(None).settings.enlarge == job(128).settings.enlarge == ORIGINAL
    assert (job(80).settings.size, job(80).settings.enlarge) == (80, "off")
    assert job(80).notes[-1] == "The result was not enlarged to 90 px: this studio makes at most 80 px."


def test_a_picture_that_was_decoded_is_not_decoded_again(photo: PictureFile) -> None:
    assert photo.read() is photo.read()
    assert not photo.read().flags.writeable
