"""Chromium as the judge of the decoder: both open the same files, and every pixel is compared."""

import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from nst.errors import ImageError
from nst.pictures.decode import read_picture
from nst.steps import Picture
from tests.pictures.making import (
    CORPUS,
    DISPLAY_P3,
    avif_with_codes,
    chrm,
    cicp,
    encoded,
    gama,
    iccp,
    linear_profile,
    scene,
    swapped_profile,
    turned,
    with_chunks,
)

pytestmark = pytest.mark.browser

#: The part of a large picture that is compared, in pixels.
SIDE = 480
#: The colours of each file over white, or null if the browser does not show it.
DRAW = """async ([files, side]) => {
  const draw = async (data) => {
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))]));
    try { await image.decode(); } catch { return null; }
    const [width, height] = [image.naturalWidth, image.naturalHeight].map((length) => Math.min(length, side));
    const context = new OffscreenCanvas(width, height).getContext('2d');
    context.fillStyle = 'white';
    context.fillRect(0, 0, width, height);
    context.drawImage(image, 0, 0);
    const {data: pixels} = context.getImageData(0, 0, width, height);
    let text = '';
    for (let at = 0; at < pixels.length; at += 8192) text += String.fromCharCode(...pixels.subarray(at, at + 8192));
    return [width, height, btoa(text)];
  };
  const shown = {};
  for (const [name, data] of Object.entries(files)) shown[name] = await draw(data);
  return shown;
}"""

SCENE = scene()


def made_files() -> Iterator[tuple[str, bytes]]:
    """(name, data) of files that state their colours in every way that a browser knows."""
    image = Image.fromarray(SCENE)
    grey, palette, cmyk = image.convert("L"), image.quantize(64), image.convert("CMYK")
    png, best = encoded(image, "PNG"), {"quality": 95, "subsampling": 0}
    light, swapped = linear_profile(), swapped_profile()
    large = len(light.ljust(2_000_000)).to_bytes(4) + light[4:].ljust(1_999_996, b"\0")
    for gamma in (0, 0.3, 0.45455, 0.55, 1):
        yield f"gAMA {gamma}.png", with_chunks(png, gama(gamma))
        yield f"gAMA {gamma}, cHRM.png", with_chunks(png, gama(gamma), chrm(*DISPLAY_P3))
    yield "grey gAMA.png", with_chunks(encoded(grey, "PNG"), gama(1))
    yield "palette gAMA.png", with_chunks(encoded(palette, "PNG"), gama(1))
    yield "impossible cHRM.png", with_chunks(png, gama(1), chrm(*[0.3] * 8))
    yield "sRGB.png", with_chunks(png, gama(1), (b"sRGB", b"\0"))
    yield "profile and sRGB.png", with_chunks(png, (b"sRGB", b"\0"), iccp(swapped))
    yield "broken profile.png", with_chunks(png, gama(1), iccp(b"no profile"))
    yield "cut profile.png", with_chunks(png, iccp(light[:-20]))
    yield "not packed profile.png", with_chunks(png, (b"iCCP", b"name\0\0no stream"))
    yield "large profile.png", with_chunks(png, iccp(large))
    yield "profile and cICP.png", with_chunks(png, iccp(swapped), cicp(12, 13))
    for primaries in (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 22, 99):
        yield f"cICP {primaries}.png", with_chunks(png, cicp(primaries, 13))
        yield f"nclx {primaries}.avif", avif_with_codes(image, primaries, 13)
    for transfer in (1, 2, 4, 5, 6, 7, 8, 13, 14, 15, 17):
        yield f"cICP 1, {transfer}.png", with_chunks(png, cicp(1, transfer))
        yield f"nclx 1, {transfer}.avif", avif_with_codes(image, 1, transfer)
    for kind, options in (("JPEG", best), ("WebP", {"lossless": True}), ("AVIF", {"quality": 95})):
        for name, profile in (("light", light), ("swapped", swapped), ("large", large)):
            yield f"{name} profile.{kind}", encoded(image, kind, icc_profile=profile, **options)
    yield "broken profile.jpg", encoded(image, "JPEG", icc_profile=b"no profile", **best)
    yield "light grey.jpg", encoded(grey, "JPEG", icc_profile=light, **best)
    yield "cmyk.jpg", encoded(cmyk, "JPEG", **best)
    yield "cmyk with the profile of a screen.jpg", encoded(cmyk, "JPEG", icc_profile=light, **best)
    yield "progressive.jpg", encoded(image, "JPEG", progressive=True, quality=60)
    yield "turned.jpg", encoded(image, "JPEG", exif=turned(6), **best)
    yield "turned.png", encoded(image, "PNG", exif=turned(8)[6:])
    see_through = Image.fromarray(np.dstack([SCENE, SCENE[..., 1]]))
    # Not AVIF: Chromium shows half transparent parts of one lighter than its alpha says.
    for kind in ("PNG", "WebP"):
        yield f"see-through.{kind}", encoded(see_through, kind, **({"lossless": True} if kind == "WebP" else {}))
    for kind in ("GIF", "BMP"):
        yield f"plain.{kind}", encoded(image, kind)
    yield "cut.jpg", encoded(scene(480, 360), "JPEG")[:-300]
    for kind, options in (("PNG", {}), ("GIF", {"interlace": 0}), ("BMP", {})):
        data = encoded(image, kind, **options)
        yield f"cut.{kind}", data[: len(data) * 2 // 3]


#: Files of the corpus that the decoder opens otherwise, or not at all, and why.
DIFFERENT = {
    "hopper_orientation_6.webp": "a browser does not turn a WebP by its EXIF, and cameras mean it to be turned",
    "apng_chunk_no_fctl.png": "the animation has no frame; a browser shows nothing, and here is the picture",
    "icc_profile_big.jpg": "the table of its profile is interpolated in another way",
    "decompression_bomb.ico": "icons are not read",
    "png_decompression_dos.png": "one pixel",
    "oss-fuzz-36829.jpeg": "three pixels wide",
    "x_image-issue#1075.png": "nothing of it is there but its size",
    "truncated_jpeg.jpg": "the last row of blocks is shown here",
}


def judged(browser: Browser, files: dict[str, bytes]) -> dict[str, Picture | None]:
    """What the browser shows of each file: the upper left part, uint8 (h, w, 3)."""
    page = browser.new_page()
    shown = page.evaluate(DRAW, [{name: base64.b64encode(data).decode() for name, data in files.items()}, SIDE])
    page.close()
    return {name: None if drawn is None else pixels(*drawn) for name, drawn in shown.items()}


def pixels(width: int, height: int, data: str) -> Picture:
    return np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width, 4)[..., :3]


def decoded(path: Path) -> Picture | None:
    try:
        return read_picture(path)[:SIDE, :SIDE]
    except ImageError:
        return None


def is_alike(ours: Picture | None, shown: Picture, *, cut: bool = False) -> bool:
    """Whether it is the same picture; of one that is cut off, more rows may be shown here than there."""
    if ours is None or ours.shape != shown.shape:
        return False
    difference = np.abs(ours.astype(int) - shown).max(-1)
    if cut:
        difference = difference[(shown != 255).any((1, 2))][2:-2]
    return difference.shape[0] > 5 and bool(np.percentile(difference, 99) <= 3)


def test_every_way_to_state_colours_is_understood(browser: Browser, tmp_path: Path) -> None:
    files = dict(made_files())
    shown = judged(browser, files)
    assert [name for name in files if shown[name] is None] == []
    path, different = tmp_path / "photo", []
    for name, data in files.items():
        path.write_bytes(data)
        if not is_alike(decoded(path), shown[name], cut=name.startswith("cut")):
            different.append(name)
    assert different == []


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of odd files is not beside the repository")
def test_the_corpus_is_shown_as_the_browser_shows_it(browser: Browser) -> None:
    paths = [path for path in CORPUS.glob("*/*") if path.is_file() and path.name not in DIFFERENT]
    shown = judged(browser, {str(path): path.read_bytes() for path in paths})
    seen = [path for path in paths if shown[str(path)] is not None]
    assert len(seen) > 35
    cut = {path: path.parent.name == "corrupt" for path in seen}
    assert [path.name for path in seen if not is_alike(decoded(path), shown[str(path)], cut=cut[path])] == []
