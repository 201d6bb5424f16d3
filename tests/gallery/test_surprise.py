"""What is drawn by a number."""

import pytest

from nst.errors import SettingsError
from nst.gallery.manifest import bundled_styles
from nst.gallery.surprise import BRUSH, SEEDS, STRENGTH, draw_surprise
from nst.settings import Settings


def test_a_seed_brings_back_what_was_drawn_and_every_style_comes() -> None:
    assert draw_surprise(4711) == draw_surprise(4711)
    drawn = [draw_surprise(seed) for seed in range(300)]
    assert {surprise.style.key for surprise in drawn} == {style.key for style in bundled_styles()}
    for surprise in drawn:
        settings = Settings.from_mapping(surprise.settings)
        assert BRUSH[0] - 0.1 <= settings.style_scale / surprise.style.suggested.get("style_scale", 1) <= BRUSH[1] + 0.1
        assert STRENGTH[0] <= settings.style_weight <= STRENGTH[1]
        assert round(settings.style_scale * 20, 9) % 1 == round(settings.style_weight * 20, 9) % 1 == 0
    assert len({str(surprise.settings) for surprise in drawn}) > 200


@pytest.mark.parametrize("seed", [-1, SEEDS])
def test_a_seed_that_there_is_not_is_named(seed: int) -> None:
    with pytest.raises(SettingsError, match=f"^surprise is {seed}; it must be 0 to 9999"):
        draw_surprise(seed)
