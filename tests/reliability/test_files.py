"""Files of strangers: what they are called and what they know."""

import zipfile
from functools import partial
from pathlib import Path

import httpx
import pytest

from nst.pictures.decode import FORMATS, read_picture
from tests.engines.listening import ALL_FILES, an_engine, listen
from tests.engines.loops import job_of
from tests.pictures.making import encoded, quadrants
from tests.pictures.test_decode import SECRET, _with_secret
from tests.serving import PATIENCE, Server

NAMES = [
    "../../escaped.png", "..\\..\\escaped.png", "/tmp/escaped.png", "C:\\escaped.png", "..", ".", "~/escaped.png",
    ".escaped.png", "escaped\0.png", "escaped\n.png", "escaped/", "%2e%2e%2fescaped.png", "....//escaped.png",
    "escaped" * 60 + ".png", "$(touch escaped)", "../ｅｓｃａｐｅｄ.png", "\u202egnp.escaped",
]  # fmt: skip


def test_no_name_leads_out_of_the_folder_of_uploads(server: Server) -> None:
    uploads = server.results.parent / "gradio"
    data, taken = encoded(quadrants(), "PNG"), 0
    with httpx.Client(base_url=server.url, timeout=PATIENCE / 1000) as http:
        for name in NAMES:
            head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="' + name.encode()
            body = head + b'"\r\nContent-Type: image/png\r\n\r\n' + data + b"\r\n--x--\r\n"
            answer = http.post(
                "gradio_api/upload", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"}
            )
            if answer.status_code == 200:
                (path,) = answer.json()
                assert Path(path).resolve().is_relative_to(uploads.resolve()), name
                assert Path(path).read_bytes() == data
                taken += 1
    assert taken > len(NAMES) / 2
    outside = [
        path
        for folder in (server.results.parent, Path.cwd(), Path("/tmp"), Path.home())
        for path in folder.glob("*escaped*")
    ]
    assert outside == []


@pytest.mark.parametrize("kind", FORMATS)
def test_no_file_of_a_run_holds_what_its_photo_knew(tmp_path: Path, kind: str) -> None:
    photo = tmp_path / "photo"
    photo.write_bytes(_with_secret(kind))
    assert SECRET in photo.read_bytes() or kind in ("AVIF", "HEIC")
    picture = read_picture(photo)
    with an_engine(tmp_path) as engine:
        last = listen(engine.submit(partial(job_of, picture, picture, size=64, steps=3)))[-1]
    assert set(last.files) == ALL_FILES
    written = [path.read_bytes() for path in (tmp_path / "results").rglob("*") if path.is_file()]
    with zipfile.ZipFile(last.files["zip"]) as archive:
        written += [archive.read(name) for name in archive.namelist()]
    assert len(written) > 10
    assert not [data for data in written if SECRET in data or b"51.4779" in data]
