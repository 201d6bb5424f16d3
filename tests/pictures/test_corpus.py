"""The shared corpus of odd and hostile files, where it lies beside the repository."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from nst.pictures.decode import read_picture
from tests.pictures.making import CORPUS

ROOT = Path(__file__).parents[2]

#: Files that the index wants refused, or without their gamma, and that browsers show: tests/browser/test_colours.py
#: compares them with what Chromium makes of them.
AS_IN_BROWSERS = {
    "corrupt/truncated_jpeg.jpg", "corrupt/vips_truncated.gif", "corrupt/truncated_image.png",
    "corrupt/broken_data_stream.png", "corrupt/shortfile.bmp", "modes/pngsuite_basi6a16.png",
    "modes/pngsuite_tbbn3p08.png", "modes/pngsuite_tbwn0g16.png",
}  # fmt: skip

pytestmark = pytest.mark.skipif(
    not (CORPUS / "check.py").exists(), reason="the shared corpus is not beside the repository"
)


def test_every_file_ends_as_it_should(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    command = [sys.executable, str(CORPUS / "check.py"), "--corpus", str(CORPUS), "--json", str(report)]
    told = subprocess.run(
        [*command, "tests.pictures.making:open_picture"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert report.exists(), told.stderr
    rows = json.loads(report.read_text())
    assert len(rows) >= 71
    assert [row for row in rows if row["leaks"]] == []
    bad = [row for row in rows if row["verdict"] in ("wrong", "crashed", "timed out")]
    assert [row for row in bad if row["file"] not in AS_IN_BROWSERS and not _expects_unmanaged_colours(row)] == []


def _expects_unmanaged_colours(row: dict[str, str]) -> bool:
    """Whether the index states the colours that the file has when its embedded profile is ignored."""
    entry = next(e for e in json.loads((CORPUS / "index.json").read_text())["files"] if e["file"] == row["file"])
    if not row["why"].startswith("colour"):
        return False
    with Image.open(CORPUS / row["file"]) as image:
        plain = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
        return "icc_profile" in image.info and np.abs(plain.mean((0, 1)) - entry["mean_any"][0]).max() < 0.5


@pytest.mark.parametrize("orientation", range(2, 9))
def test_one_photo_stored_in_eight_ways_is_one_picture(orientation: int) -> None:
    """The first has no profile; the others were turned by a program that converted them to Apple's Generic RGB."""
    upright = read_picture(CORPUS / "orientation" / "landscape_1.jpg").astype(float)
    other = read_picture(CORPUS / "orientation" / f"landscape_{orientation}.jpg").astype(float)
    height, width = upright.shape[:2]
    blocks = [p[: height // 50 * 50, : width // 50 * 50].reshape(-1, 50, width // 50, 50, 3) for p in (upright, other)]
    first, second = (block.mean((1, 3)) for block in blocks)
    assert np.abs(first - second).mean() < 3
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.99
