"""Which frames of a film stand in the strip."""

from nst.ui.film_strip import SHOWN_FRAMES, shown_numbers


def test_a_short_film_shows_every_finished_frame_and_a_long_one_frames_at_equal_distances() -> None:
    assert shown_numbers(3, 5) == [1, 2, 3]
    assert shown_numbers(0, 5) == shown_numbers(0, 0) == []
    frames = 30 * SHOWN_FRAMES
    assert shown_numbers(59, frames) == [30]
    assert shown_numbers(frames, frames) == list(range(30, frames + 1, 30))
