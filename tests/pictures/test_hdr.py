import numpy as np
import pytest

from nst.pictures.hdr import HLG, PQ, hdr_to_srgb


def pq(light: float) -> float:
    """The signal of so many cd/m2. Source: SMPTE ST 2084."""
    root = (light / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * root) / (1 + 18.6875 * root)) ** 78.84375


def shown(signal: tuple[float, float, float] | float, transfer: int) -> list[int]:
    values = np.broadcast_to(np.asarray(signal), 3)
    return hdr_to_srgb(np.rint(values * 65_535).astype(np.uint16).reshape(1, 1, 3), transfer)[0, 0].tolist()


@pytest.mark.parametrize(("light", "level"), [(0, 0), (1, 15), (10, 63), (50, 136), (80, 168)])
def test_all_below_the_knee_is_as_bright_as_before(light: float, level: int) -> None:
    """White is 203 cd/m2: the levels are those of libswscale's own conversion, which cuts off all above."""
    assert shown(pq(light), PQ) == pytest.approx([level] * 3, abs=2)


@pytest.mark.parametrize(("light", "level"), [(203, 230), (1000, 255), (10_000, 255)])
def test_highlights_are_compressed(light: float, level: int) -> None:
    """BT.2390's spline by hand: 203 cd/m2 become 160."""
    assert shown(pq(light), PQ) == pytest.approx([level] * 3, abs=3)


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_more_light_is_never_darker(transfer: int) -> None:
    ramp = np.arange(0, 65_536, 64, np.uint16)[None, :, None].repeat(3, 2)
    levels = hdr_to_srgb(ramp, transfer)[0, :, 1].astype(int)
    assert (np.diff(levels) >= 0).all()
    assert (levels[0], levels[-1]) == (0, 255)


@pytest.mark.parametrize(("signal", "level"), [(0.1, 16), (0.25, 61), (0.5, 137)])
def test_the_middle_of_hlg_is_as_bright_as_before(signal: float, level: int) -> None:
    """The levels are those of libswscale's own conversion."""
    assert shown(signal, HLG) == pytest.approx([level] * 3, abs=2)


def test_colours_of_srgb_survive_the_wider_primaries() -> None:
    """sRGB's red in BT.2020 is (0.6274, 0.0691, 0.0164), here at 60 cd/m2 of white."""
    red, green, blue = shown((pq(0.6274 * 60), pq(0.0691 * 60), pq(0.0164 * 60)), PQ)
    assert red == pytest.approx(148, abs=3)
    assert max(green, blue) < 8


def test_a_bright_colour_keeps_its_hue() -> None:
    red, green, blue = shown((pq(900), pq(450), pq(225)), PQ)
    assert red == 255 or red > 240
    assert red > green + 30 > blue + 60
