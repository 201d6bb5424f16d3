import os
import zipfile
from pathlib import Path

import pytest

from nst.errors import OutputError
from nst.gallery.archive import write_style_zip
from nst.gallery.manifest import MANIFEST, bundled_styles


def test_the_zip_holds_every_style_picture_and_the_manifest(tmp_path: Path) -> None:
    write_style_zip(tmp_path / "styles.zip")
    with zipfile.ZipFile(tmp_path / "styles.zip") as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    expected = [MANIFEST, *(style.path for style in bundled_styles())]
    assert next(iter(files)) == "style_refs/manifest.toml"
    assert files == {f"style_refs/{path.name}": path.read_bytes() for path in expected}


def test_the_same_pictures_make_the_same_bytes(tmp_path: Path) -> None:
    write_style_zip(tmp_path / "one.zip")
    before = MANIFEST.stat()
    os.utime(MANIFEST, (0, 1_000_000_000))
    try:
        write_style_zip(tmp_path / "two.zip")
    finally:
        os.utime(MANIFEST, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_a_folder_is_no_place_for_a_zip(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_style_zip(tmp_path)
    assert list(tmp_path.iterdir()) == []
