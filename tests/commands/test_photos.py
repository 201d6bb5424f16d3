"""Several photos in one command line."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.commands.cli import main
from nst.commands.photos import folder_names, list_folders, list_photos
from nst.errors import ImageError
from nst.features import weights
from nst.pictures.decode import read_picture
from tests.commands.programs import SAFETY, painting, start


def test_each_photo_gets_a_folder_of_its_name_and_one_that_is_none_is_left_out(
    tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = []
    load = weights.load_weights
    monkeypatch.setattr(weights, "load_weights", lambda *given: loaded.append(given) or load(*given))
    weights._kept.clear()
    Path("photos").mkdir()
    for name in ("写真.png", "Straße nach Ålesund.png"):
        Image.open(photo).save(Path("photos", name))
    Path("photos", "notes.txt").write_text("not a picture")
    Image.open(photo).save(".photo.png")
    name, *words = map(str, painting(Path("photos"), "--json", "--out", "painted"))
    assert main([name, ".photo.png", *words]) == 2
    out, err = capsys.readouterr()
    assert err.startswith("nst: photos/notes.txt: This file is not a picture")
    assert err.count("\n") == 1
    *lines, summary = map(json.loads, out.splitlines())
    failed, *ends = sorted(
        (line for line in lines if "end" in line), key=lambda end: end["photo"] != "photos/notes.txt"
    )
    assert (failed["photo"], failed["end"], failed["files"]) == ("photos/notes.txt", "failed", {})
    assert failed["error"].startswith("photos/notes.txt: This file is not a picture")
    assert [end["photo"] for end in ends] == [".photo.png", "photos/Straße nach Ålesund.png", "photos/写真.png"]
    assert summary == {"pictures": {"finished": 3, "failed": 1}, "zip": "painted/impasto-pictures.zip"}
    assert [str(Path(end["files"]["png"])) for end in ends] == [
        "painted/photo/result.png", "painted/straße-nach-ålesund/result.png", "painted/写真/result.png",
    ]  # fmt: skip
    assert all(Path(path).is_file() for end in ends for path in end["files"].values())
    assert len(loaded) == 1


def test_a_folder_is_its_files_in_order_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.png", "a.png", ".DS_Store"):
        (tmp_path / name).touch()
    (tmp_path / "deeper").mkdir()
    assert [path.name for path in list_photos([tmp_path, tmp_path / ".DS_Store"])] == ["a.png", "b.png", ".DS_Store"]
    with pytest.raises(ImageError, match=r"deeper: There are no files in this folder\.$"):
        list_photos([tmp_path / "deeper"])


def test_pictures_of_one_name_get_folders_of_different_names(tmp_path: Path) -> None:
    photos = [Path("a.png"), Path("b/A.jpg"), Path("a-2.png")]
    assert folder_names((photo, "") for photo in photos) == ["a", "a-2", "a-2-2"]
    assert folder_names([(Path("a.png"), ""), (Path("a.png"), "wave")]) == ["a", "a-wave"]
    assert [place.run_folder.path.parent for place in list_folders(tmp_path, ["a"])] == [tmp_path / "a"]


def odd_photos(folder: Path) -> None:
    """Eleven photos of as many kinds, each of a red upper and a blue lower half, and a broken one."""
    folder.mkdir()
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:24, :, 0] = pixels[24:, :, 2] = 200
    photo = Image.fromarray(pixels)
    turned, exif = photo.transpose(Image.Transpose.ROTATE_180), Image.Exif()
    exif[0x0112] = 3  # The orientation that turns it back.
    turned.save(folder / "turned.jpg", exif=exif)
    photo.convert("CMYK").save(folder / "cmyk.jpg")
    palette = photo.quantize(8)
    palette.save(folder / "palette.png", transparency=0)
    Image.fromarray(pixels[..., 0].astype(np.uint16) * 257).save(folder / "sixteen.png")
    photo.convert("1").save(folder / "one bit.png")
    photo.convert("LA").save(folder / "grey.png")
    photo.save(folder / "Straße nach Ålesund.png")
    for ending in ("tiff", "webp", "gif", "bmp"):
        photo.save(folder / f"{ending}.{ending}")
    (folder / "broken.jpg").write_bytes((folder / "cmyk.jpg").read_bytes()[:60])


def test_twelve_odd_photos_give_eleven_pictures_and_one_sentence_and_a_killed_program_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    odd_photos(Path("photos"))
    arguments = [*map(str, painting(Path("photos"), "--json", "--out", "painted", steps=1))]
    with start(tmp_path, *arguments) as process:
        ends = 0
        while ends < 3:  # The broken one, and two that are painted.
            ends += '"end"' in process.stdout.readline()
        process.kill()
        process.communicate(timeout=SAFETY)
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    refused = [line for line in err.splitlines() if line.startswith("nst: ")]
    assert refused == ["nst: photos/broken.jpg: This JPEG file is damaged or incomplete and cannot be opened."]
    summary = json.loads(out.splitlines()[-1])
    assert summary["pictures"]["failed"] == 1
    assert summary["pictures"]["skipped"] >= 2
    assert summary["pictures"]["skipped"] + summary["pictures"]["finished"] == 11
    results = sorted(Path("painted").glob("*/result.png"))
    assert len(results) == 11
    assert {max(read_picture(path).shape) for path in results} == {64}
    with zipfile.ZipFile("painted/impasto-pictures.zip") as archive:
        assert sorted(archive.namelist()) == sorted(
            f"{p.parent.name}{end}" for p in results for end in (".json", ".png")
        )

    written = {path: path.stat().st_mtime_ns for path in results}
    monkeypatch.setattr("nst.commands.transfer.LocalEngine", None)
    assert main([word for word in arguments if word != "--json"]) == 2
    out, err = capsys.readouterr()
    assert out.count("there already") == 11
    assert out.count("left out") == 1
    assert "all pictures: painted/impasto-pictures.zip" in out
    assert {path: path.stat().st_mtime_ns for path in results} == written


def test_a_photo_is_painted_once_in_each_style_beside_the_blend(
    tmp_path: Path, photo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blend = ["--style", "mosaic", "--style-weights", "2,1", "--style-each", "the kiss", "--style-each", photo]
    assert main([*map(str, painting(photo, *blend, "--out", "painted", steps=1))]) == 0
    styles = {path.parent.name: json.loads(path.read_text())["styles"] for path in Path("painted").glob("*/*.json")}
    assert styles == {
        "a-photo": ["The Scream", "Empress in Mosaic"], "a-photo-the-kiss": ["The Kiss"],
        "a-photo-a-photo": ["a photo.jpg"],
    }  # fmt: skip
    assert capsys.readouterr().out.count("finished") == 3
    assert main([*map(str, painting(photo, "--style-each", "mosaic", "--out", "one.jpg"))]) == 2
    assert capsys.readouterr().err == "nst: one.jpg is one file, for one picture; name a folder for several.\n"
