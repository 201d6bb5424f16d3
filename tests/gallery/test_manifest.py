import re

import pytest
from PIL import Image

from nst.errors import StyleError
from nst.gallery.manifest import FOLDER, bundled_styles, find_style
from nst.settings import Settings


def test_the_gallery_follows_the_manifest_and_is_read_once():
    assert [style.key for style in bundled_styles()][:2] == ["scream", "starry_night"]
    assert bundled_styles() is bundled_styles()


def test_keys_and_titles_are_all_different():
    names = [name.casefold() for style in bundled_styles() for name in {style.key, style.title}]
    assert len(set(names)) == len(names)


def test_every_painting_in_the_folder_is_in_the_manifest():
    assert {style.path for style in bundled_styles()} == set(FOLDER.glob("*.jpg"))


@pytest.mark.parametrize("style", bundled_styles(), ids=lambda style: style.key)
def test_a_style_tells_everything_and_suggests_valid_settings(style):
    assert all((style.title, style.artist, style.about, style.alt))
    assert str(style.year) in style.about
    assert style.licence == "CC0-1.0"
    assert 20 <= len(style.alt) <= 160
    assert len(style.palette) == 5
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in style.palette)
    suggested = Settings.from_mapping(style.suggested)
    assert all(getattr(suggested, name) == value for name, value in style.suggested.items())


@pytest.mark.parametrize("style", bundled_styles(), ids=lambda style: style.key)
def test_the_file_is_a_large_rgb_jpeg_that_holds_its_title_and_nothing_else(style):
    with Image.open(style.path) as picture:
        assert (picture.format, picture.mode, max(picture.size)) == ("JPEG", "RGB", 1280)
        assert not picture.getexif()
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "comment"}
        assert picture.info["comment"].decode() == style.title
    assert 300_000 <= style.path.stat().st_size <= 500_000


@pytest.mark.parametrize("name", ["starry_night", "STARRY_NIGHT", "The Starry Night", " the starry night "])
def test_a_style_is_found_by_key_or_title_in_any_case(name):
    assert find_style(name).key == "starry_night"


def test_an_unknown_style_names_the_known_ones_and_the_closest():
    with pytest.raises(StyleError) as caught:
        find_style("Stary Night")
    sentence = str(caught.value)
    assert "'Stary Night'" in sentence
    assert "scream, starry_night" in sentence
    assert "Did you mean starry_night?" in sentence


def test_nothing_is_proposed_for_a_name_like_no_other():
    with pytest.raises(StyleError, match="scream") as caught:
        find_style("qqqq")
    assert "Did you mean" not in str(caught.value)


def test_a_style_cannot_be_changed():
    with pytest.raises(TypeError):
        bundled_styles()[0].suggested["style_scale"] = 2.0
