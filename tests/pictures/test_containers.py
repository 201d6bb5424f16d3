import struct
from collections.abc import Iterator

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nst.pictures.containers import CLEANERS, MAX_FRAMES, clean_gif, clean_jpeg, clean_png, identify
from tests.pictures.making import encoded, noise, png_chunk, quadrants, scans, swapped_profile, turned

SECRET = b"written by somebody"


def chunk_kinds(png: bytes) -> Iterator[bytes]:
    at = 8
    while at < len(png):
        yield png[at + 4 : at + 8]
        at += 12 + int.from_bytes(png[at : at + 4])


@pytest.mark.parametrize("kind", CLEANERS)
def test_each_format_is_known_by_its_first_bytes(kind: str) -> None:
    data = encoded(noise(), kind)
    assert identify(data) == kind
    assert identify(data[:12] + b"\0" * 100) in (kind, None if kind in ("AVIF", "HEIC") else kind)


def test_a_general_container_is_what_its_brands_say() -> None:
    def with_brands(*brands: bytes) -> bytes:
        box = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])
        return struct.pack(">I", 4 + len(box)) + box + b"avif" * 9

    assert identify(with_brands(b"mif1", b"mif1", b"heic")) == "HEIC"
    assert identify(with_brands(b"mif1", b"miaf", b"avif")) == "AVIF"
    assert identify(with_brands(b"mif1", b"miaf")) is None
    assert identify(with_brands(b"isom", b"mp42")) is None


@pytest.mark.parametrize("kind", CLEANERS)
def test_a_clean_file_stays_as_it_is(kind: str) -> None:
    once = CLEANERS[kind](encoded(noise(), kind)).data
    assert CLEANERS[kind](once).data == once
    assert CLEANERS[kind](once).exif == b""


def test_a_jpeg_keeps_what_its_colours_need() -> None:
    jpeg = encoded(noise(), "JPEG", icc_profile=swapped_profile())
    assert clean_jpeg(jpeg).data == jpeg
    progressive = scans(12)
    assert clean_jpeg(progressive).data == progressive
    adobe = encoded(noise(), "JPEG", keep_rgb=True)
    assert b"Adobe" in adobe
    assert clean_jpeg(adobe).data == adobe


def test_a_jpeg_loses_words_and_further_pictures() -> None:
    plain = encoded(noise(), "JPEG")
    worded = encoded(noise(), "JPEG", comment=SECRET, exif=turned(6), xmp=SECRET)
    worded = worded[:2] + b"\xff\xe2" + struct.pack(">H", 2 + 4 + len(SECRET)) + b"MPF\0" + SECRET + worded[2:]
    clean = clean_jpeg(worded + SECRET)
    assert clean.data == plain
    assert clean.exif == turned(6)


def test_a_png_loses_words_and_hands_its_profile_over() -> None:
    text = PngInfo()
    text.add_text("Comment", SECRET.decode())
    text.add_text("Comment", SECRET.decode(), zip=True)
    text.add_itxt("Comment", SECRET.decode())
    frames = [Image.fromarray(noise(seed=seed)) for seed in range(2)]
    options = {"pnginfo": text, "exif": turned(6), "icc_profile": swapped_profile(), "transparency": (1, 2, 3)}
    clean = clean_png(encoded(frames[0], "PNG", save_all=True, append_images=frames[1:], **options))
    animation = {b"acTL", b"fcTL", b"fdAT"}
    assert set(chunk_kinds(clean.data)) == {b"IHDR", b"tRNS", b"IDAT", b"IEND"} | animation
    assert clean.exif == turned(6)[6:]
    assert clean.profile == swapped_profile()
    assert len(clean.delays) == 2


def test_a_gif_keeps_its_first_frames_and_their_transparency() -> None:
    frames = [Image.fromarray(noise(seed=seed)).quantize(16) for seed in range(30)]
    one = encoded(frames[0], "GIF", transparency=3)
    many = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], transparency=3, comment=SECRET)
    assert SECRET in many
    assert len(clean_gif(many).data) < 1.1 * MAX_FRAMES * len(one) < len(many) / 2
    assert len(clean_gif(many).delays) == 30
    assert SECRET not in clean_gif(many).data
    assert b"!\xf9\x04" in clean_gif(many).data


def test_floods_of_parts_are_refused() -> None:
    jpeg, png = encoded(quadrants(), "JPEG"), encoded(quadrants(), "PNG")
    with pytest.raises(ValueError, match="too many segments"):
        clean_jpeg(jpeg[:2] + b"\xff\xfe\0\2" * 100_001 + jpeg[2:])
    with pytest.raises(ValueError, match="too many chunks"):
        clean_png(png[:33] + png_chunk(b"IDAT", b"") * 100_001 + png[33:])


def test_a_jpeg_inside_a_jpeg_is_refused() -> None:
    jpeg = encoded(quadrants(), "JPEG")
    with pytest.raises(ValueError, match="inside"):
        clean_jpeg(jpeg[:-2] + jpeg)
