"""What one upload may have."""

from nst.limits import HOSTED, Limits
from nst.pictures.size_limits import MAX_CLIP_BYTES


def test_the_page_takes_clips_as_large_as_the_command_line_and_strangers_are_not_let() -> None:
    assert Limits().largest_upload == MAX_CLIP_BYTES
    assert HOSTED.largest_upload == 20_000_000


def test_an_upload_is_no_larger_than_the_room_for_all_of_them() -> None:
    assert Limits(keep_bytes=10**9).largest_upload == 250_000_000
