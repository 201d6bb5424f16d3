"""Files made to cost more than they weigh, and files broken at random."""

import json
import platform
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.pictures.decode import read_picture
from tests.pictures.making import encoded, exif, grey_tiff, noise, open_picture, png_chunk, quadrants, tiff

MEGABYTE = 1_000_000

#: Opens every file named on the command line in a process that may not grow, and prints how each ended and its peak.
CHILD = """
import json, resource, sys
from nst.errors import ImageError
from nst.pictures.decode import read_picture

def status(key):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(key))

limit = status("VmSize") * 1024 + 1_500_000_000
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
report = {}
for path in sys.argv[1:]:
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak begins anew
    before = status("VmRSS")
    try:
        end = list(read_picture(path).shape[1::-1])
    except ImageError as error:
        end = str(error)
    report[path] = end, (status("VmHWM") - before) // 1000
print(json.dumps(report))
"""


def amplified(count: int, claimed: int) -> bytes:
    """A directory whose entries all point at the same bytes: a reader that fetches each holds count * claimed."""
    return tiff(*((tag, 1, claimed, 8) for tag in range(1000, 1000 + count)), rest=bytes(claimed))


def with_app1(jpeg: bytes, block: bytes) -> bytes:
    """A JPEG with an EXIF block in as many segments as it takes."""
    pieces = [block[at : at + 65_000] for at in range(0, len(block), 65_000)]
    segments = (b"\xff\xe1" + struct.pack(">H", 8 + len(piece)) + b"Exif\0\0" + piece for piece in pieces)
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def hostile_files() -> dict[str, bytes]:
    """By name: files of a few megabytes that make a plain reader take gigabytes or minutes."""
    jpeg, png, gif = (encoded(quadrants(), kind) for kind in ("JPEG", "PNG", "GIF"))
    block = amplified(20_000, 4 * MEGABYTE)
    harmless = tiff((305, 2, 4, 0), rest=b"\1" * (len(block) - 26))
    gif_head = 13 + (3 << (gif[10] & 7) + 1)
    comments = b"!\xfe" + (b"\xff" + b"x" * 255) * 40_000 + b"\0"
    directory = amplified(2_000, 8 * MEGABYTE)
    fields = ((tag, 1, 8 * MEGABYTE, 8) for tag in range(40_000, 42_000))
    return {
        "exif.jpg": with_app1(jpeg, block),
        "exif.png": encoded(quadrants(), "PNG", exif=block),
        "exif.webp": encoded(quadrants(), "WebP", exif=block),
        "exif.heic": encoded(quadrants(), "HEIC", exif=b"Exif\0\0" + block),
        "exif.avif": encoded(quadrants(), "AVIF", exif=harmless).replace(harmless, block),
        "text.png": png[:33] + b"".join(png_chunk(b"tEXt", b"a\0" + bytes(60_000)) for _ in range(300)) + png[33:],
        "chunks.png": png[:33] + png_chunk(b"tEXt", b"") * 1_000_000 + png[33:],
        "comments.jpg": jpeg[:2] + b"\xff\xfe\0\2" * 3_000_000 + jpeg[2:],
        "fill.jpg": jpeg[:2] + b"\xff" * 20_000_000 + jpeg[2:],
        "comments.gif": gif[:gif_head] + comments + gif[gif_head:],
        "tags.tif": grey_tiff(64, 64, *fields, rest=bytes(8 * MEGABYTE)),
        "pointer.tif": grey_tiff(64, 64, (34665, 4, 1, 142), rest=directory),
        "profile.tif": grey_tiff(
            64, 64, (34675, 1, 8 * MEGABYTE, 8), (347, 1, 8 * MEGABYTE, 8), rest=bytes(9 * MEGABYTE)
        ),
        "strips.tif": grey_tiff(64, 64, (273, 3, 2_000_000, 8), rest=bytes(4 * MEGABYTE)),
    }


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measures memory as Linux tells it")
def test_small_files_do_not_take_much_memory(tmp_path: Path) -> None:
    for name, data in hostile_files().items():
        (tmp_path / name).write_bytes(data)
    paths = sorted(str(path) for path in tmp_path.iterdir())
    child = subprocess.run(
        [sys.executable, "-c", CHILD, *paths], capture_output=True, text=True, check=True, timeout=120
    )
    for path, (end, megabytes) in json.loads(child.stdout).items():
        assert megabytes < 100, (Path(path).name, end, megabytes)


def test_metadata_that_is_left_out_does_not_cost_the_picture(tmp_path: Path) -> None:
    files = hostile_files()
    for name in ("exif.jpg", "exif.png", "exif.webp", "exif.heic", "exif.avif", "text.png", "fill.jpg", "comments.gif"):
        (tmp_path / name).write_bytes(files[name])
        assert open_picture(tmp_path / name).size == (48, 32), name


def test_an_orientation_is_found_in_a_block_full_of_claims(tmp_path: Path) -> None:
    entries = [(tag, 1, 3 * MEGABYTE, 8) for tag in range(1, 200)]
    data = encoded(quadrants(), "PNG", exif=exif(*entries, (274, 3, 1, 6))[6:])
    (tmp_path / "photo.png").write_bytes(data)
    assert open_picture(tmp_path / "photo.png").size == (32, 48)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can zero what it hands out")
def test_a_damaged_fax_does_not_show_what_was_in_memory(tmp_path: Path) -> None:
    rows = Image.fromarray(noise(512, 512)[..., 0] > 127)
    fax = bytearray(encoded(rows, "TIFF", compression="group4", tiffinfo={278: 512}))
    fax[2_000:20_000] = noise(100, 60).tobytes()
    path = tmp_path / "fax.tif"
    path.write_bytes(fax)
    for _ in range(3):
        secrets = [b"a secret" * 4_097 for _ in range(40)]
        del secrets  # 512 x 512 bits are as long, and take the same place
        picture = read_picture(path)
        for bits in (picture[..., 0] > 0, picture[..., 0] == 0):
            assert b"a secret" not in np.packbits(bits).tobytes()


@pytest.mark.parametrize("first", ["GIF", "PNG", "JPEG"])
@pytest.mark.parametrize("second", [b"%PDF-1.4", b"<svg onload='alert(1)'>", b"<?php system('id');", b"PK\x03\x04"])
def test_what_follows_a_picture_is_never_looked_at(tmp_path: Path, first: str, second: bytes) -> None:
    path = tmp_path / "photo.php.jpg"
    path.write_bytes(encoded(quadrants(), first) + second * 100)
    image = open_picture(path)
    assert image.size == (48, 32)
    assert second not in encoded(image, "PNG")
