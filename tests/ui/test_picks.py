"""The styles that are picked."""

from pathlib import Path

import pytest

from nst.errors import StyleError
from nst.ui.picks import MAX_STYLES, OWN, Picks
from nst.ui.uploads import Upload


def test_a_click_picks_one_style() -> None:
    picks = Picks().toggled("scream", blend=False)
    assert picks.keys == ("scream",)
    assert picks.toggled("starry_night", blend=False).keys == ("starry_night",)
    assert picks.toggled("scream", blend=False).keys == ("scream",)


def test_in_a_blend_a_click_adds_and_the_next_takes_away() -> None:
    picks = Picks(keys=("scream",)).toggled("starry_night", blend=True)
    assert picks.keys == ("scream", "starry_night")
    assert picks.toggled("scream", blend=True).keys == ("starry_night",)
    full = Picks(keys=tuple("abcd")[:MAX_STYLES])
    assert full.toggled("e", blend=True).keys == ("b", "c", "d", "e")


def test_picks_are_files_in_their_order() -> None:
    own = Upload(path="/uploads/mine.jpg", name="mine", width=90, height=60)
    first, second = Picks(keys=(OWN, "scream"), own=own).files()
    assert (first.path, first.name) == (Path("/uploads/mine.jpg"), "Own style")
    assert second.name == "The Scream"
    with pytest.raises(StyleError, match="choose it again"):
        Picks(keys=(OWN,)).files()
