"""The API as its callers use it: the client library, bare HTTP, and the example of the README."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError, ValidationError
from PIL import Image

from nst.pictures.clips import open_clip
from nst.pictures.decode import read_picture
from nst.runs.grid_files import GRID_FILES
from nst.saved_settings import read_settings_file
from tests.paintings import assert_painted, logged_losses
from tests.pictures.films import film, grey
from tests.serving import ROOT
from tests.web.conftest import SECONDS, Call, Studio, until

QUICK = {"size": 64, "steps": 1}


@pytest.fixture(scope="module")
def client(own: Studio) -> Iterator[Client]:
    client = Client(own.url, verbose=False)
    yield client
    client.close()


def test_there_are_four_endpoints_and_no_others(client: Client) -> None:
    seen = client.view_api(return_format="dict")
    assert set(seen["named_endpoints"]) == {"/stylize", "/film", "/grid", "/styles"}
    assert seen["unnamed_endpoints"] == {}
    assert all(endpoint["description"].endswith(".") for endpoint in seen["named_endpoints"].values())
    parameters = seen["named_endpoints"]["/stylize"]["parameters"]
    names = [parameter["parameter_name"] for parameter in parameters]
    assert names == ["photo", "style", "settings", "mask"]
    assert all(parameter["python_type"]["description"].endswith(".") for parameter in parameters)


def test_the_gallery_is_listed(client: Client) -> None:
    styles = {style["name"]: style for style in client.predict(api_name="/styles")}
    assert styles["scream"]["title"] == "The Scream"
    assert set(styles["scream"]) == {"name", "title", "artist", "year", "about", "alt"}


def test_the_gallery_is_listed_over_bare_http(own: Studio) -> None:
    answer = own.post("gradio_api/run/styles", json={"data": []})
    assert "scream" in [style["name"] for style in answer.json()["data"][0]]


def test_a_run_cannot_be_had_past_the_queue(own: Studio, photo: Path) -> None:
    answer = own.post("gradio_api/run/stylize", json={"data": [own.upload(photo), "scream", QUICK]})
    assert answer.status_code == 404


def test_the_trained_network_paints_and_a_run_yields_plain_progress(own: Studio, client: Client, photo: Path) -> None:
    before = set(own.results.iterdir())
    job = client.submit(handle_file(photo), "scream", {"size": 96, "steps": 8}, api_name="/stylize")
    records = list(job)
    last = records[-1]
    assert json.loads(json.dumps(records)) == records
    assert [record["step"] for record in records] == sorted(record["step"] for record in records)
    assert (last["state"], last["step"], last["total"], last["width"], last["height"]) == ("finished", 8, 8, 96, 72)
    assert last["seconds"] > 0
    assert all(record["file"] is None for record in records[:-1])
    result = Path(last["file"])
    assert result.name == "lion-the-scream.png"
    (folder,) = set(own.results.iterdir()) - before
    losses = logged_losses(folder)
    assert last["loss"] == pytest.approx(losses[-1], rel=1e-4)
    assert_painted(read_picture(result), read_picture(photo), "scream", losses, (72, 96))
    settings = read_settings_file(result).settings
    assert (settings["network"], settings["steps"]) == ("vgg19", 8)


def test_a_style_may_be_a_file_settings_a_text_and_a_mask_either(client: Client, photo: Path, tmp_path: Path) -> None:
    with Image.open(photo) as picture:
        picture.convert("L").save(tmp_path / "mask.png")
    for mask in ("not-upper", handle_file(tmp_path / "mask.png")):
        last = client.predict(handle_file(photo), handle_file(photo), json.dumps(QUICK), mask, api_name="/stylize")
        assert last["state"] == "finished"
    assert Path(last["file"]).name == "lion-lion.png"


def test_a_film_yields_its_frames_with_previews_and_ends_with_the_file(client: Client, tmp_path: Path) -> None:
    clip = film(tmp_path / "waves.mp4", [grey(8), grey(9)], rate=8, sound="aac")
    settings = {**QUICK, "frame_rate": 8, "frame_steps": 1}
    records = list(client.submit(handle_file(clip), "scream", settings, api_name="/film"))
    last = records[-1]
    assert json.loads(json.dumps(records)) == records
    assert (last["state"], last["frame"], last["frames"], last["width"], last["height"]) == ("finished", 2, 2, 64, 48)
    assert [record["frame"] for record in records] == sorted(record["frame"] for record in records)
    assert any((record["preview"] or "").startswith("data:image/jpeg") for record in records)
    made = open_clip(last["file"])
    assert (Path(last["file"]).name, made.frames, made.rate, made.sound) == ("waves-the-scream.mp4", 2, 8, True)
    with pytest.raises(AppError, match="frame_rate is 61; it must be a whole number from 1 to 60"):
        client.predict(handle_file(clip), "scream", {"frame_rate": 61}, api_name="/film")


def test_a_grid_yields_its_cells_and_ends_with_table_and_files(client: Client, photo: Path) -> None:
    vary = {"content_weight": [0.1, 0.4], "steps": "1,2"}
    records = list(client.submit(handle_file(photo), "scream", vary, {"size": 64}, api_name="/grid"))
    last = records[-1]
    assert [cell["title"] for cell in last["cells"]] == [
        f"Content weight {weight}, Steps {steps}" for steps in (1, 2) for weight in (0.1, 0.4)
    ]
    assert {cell["state"] for cell in last["cells"]} == {"finished"}
    assert {cell["state"] for cell in records[0]["cells"]} > {"waiting"}
    assert [row["steps_taken"] for row in last["table"]] == [1, 1, 2, 2]
    assert len({row["relative_content_loss"] for row in last["table"]}) == 4
    assert {kind: Path(path).name for kind, path in last["files"].items()} == GRID_FILES
    assert read_picture(last["files"]["sheet"]).shape[1] > 2 * 320
    with pytest.raises(AppError, match="The grid has 101 pictures; the limit is 100"):
        client.predict(handle_file(photo), "scream", {"seed": list(range(101))}, api_name="/grid")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"steps": 10.7}, "steps is 10.7; it must be a whole number from 1 to 5000 steps."),
        ({"steps": True}, "steps is True; it must be a whole number from 1 to 5000 steps."),
        ({"stepps": 1}, "There is no setting called 'stepps'. Did you mean steps?"),
        ("best", "There is no recipe called 'best'; there are draft, standard, fine"),
        ([1], "settings is [1]; it must be a JSON object of settings by name, or one of the recipes draft,"),
        ({"style_layers": ["conv9_9"]}, "style_layers"),
    ],
)
def test_a_mistake_reaches_the_client_as_one_sentence(
    client: Client, photo: Path, settings: Any, sentence: str
) -> None:
    with pytest.raises(AppError) as refused:
        client.predict(handle_file(photo), "scream", settings, api_name="/stylize")
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 400])
def test_numbers_that_json_does_not_have_get_a_sentence_too(own: Studio, photo: Path, number: str) -> None:
    data = f'{{"data": [{json.dumps(own.upload(photo))}, "scream", {{"steps": {number}}}]}}'
    event = own.post("gradio_api/call/stylize", content=data, headers={"Content-Type": "application/json"}).json()
    told = own.get(f"gradio_api/call/stylize/{event['event_id']}").text
    assert re.search(r"event: error\ndata: .*steps is .*; it must be a whole number from 1 to 5000 steps\.", told)


@pytest.mark.parametrize("photo", ["http://127.0.0.1:9/lion.png", "data:image/png;base64,iVBORw0KGgo="])
def test_an_address_is_refused_in_words_of_the_client(client: Client, photo: str) -> None:
    file = handle_file(photo) if photo.startswith("http") else photo
    with pytest.raises(ValidationError, match="an address or an embedded file; upload the file itself instead"):
        client.predict(file, "scream", "draft", api_name="/stylize")


def test_empty_files_texts_and_paths_are_refused(own: Studio, tmp_path: Path) -> None:
    for content, sentence in ((b"", "photo: This file is empty."), (b"text", "photo: This file is not a picture")):
        (tmp_path / "photo.png").write_bytes(content)
        call = Call(own, [own.upload(tmp_path / "photo.png"), "scream", QUICK]).end()
        assert (call.error or "").startswith(sentence)
    answer = own.post("gradio_api/call/stylize", json={"data": [{"path": "/etc/passwd"}, "scream", QUICK]})
    assert answer.status_code == 422
    assert "the file '/etc/passwd', which was not uploaded" in answer.json()["error"]


def test_a_client_that_leaves_takes_its_run_along(own: Studio, photo: Path) -> None:
    before = set(own.results.iterdir())
    call = Call(own, [own.upload(photo), "scream", {"size": 128, "steps": 5000}])
    until(lambda: call.last.get("step"))
    call.leave()
    until(lambda: [folder for folder in set(own.results.iterdir()) - before if (folder / "result.zip").exists()])
    (folder,) = set(own.results.iterdir()) - before
    assert json.loads((folder / "settings.json").read_text())["end"] == "stopped"


def example(language: str, word: str, url: str) -> str:
    """An example of the README for a studio, with a quick run."""
    blocks = re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.S)
    (code,) = [block for block in blocks if word in block]
    code, quick = re.subn(
        r"(size\W+)256(, \W*steps\W+)30", r"\g<1>64\g<2>1", code.replace("http://127.0.0.1:7860/", url)
    )
    assert quick == 1
    return code.replace("http://127.0.0.1:7860", url)


@pytest.fixture
def beside_a_photo(photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that examples run in."""
    with Image.open(photo) as picture:
        picture.save(tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("beside_a_photo")
def test_the_python_example_of_the_readme_runs(own: Studio, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    exec(compile(example("python", "gradio_client", own.url), "README.md", "exec"), names)
    names["studio"].close()
    assert read_picture(names["progress"]["file"]).shape == (48, 64, 3)
    assert "finished" in capsys.readouterr().out


READ_PHOTO = 'import fs from "node:fs/promises";\nconst photo = new Blob([await fs.readFile("photo.jpg")]);\n'
KEEP_PICTURE = 'await fs.writeFile("painted.png", Buffer.from(await painted.arrayBuffer()));\n'


@pytest.mark.parametrize(
    ("command", "language", "before", "after"),
    [(["bash", "-c"], "bash", "", ""), (["node", "--input-type=module", "-e"], "js", READ_PHOTO, KEEP_PICTURE)],
    ids=["curl", "node"],
)
def test_the_other_examples_of_the_readme_run(
    own: Studio, beside_a_photo: Path, command: list[str], language: str, before: str, after: str
) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    code = before + example(language, "/call/stylize", own.url) + after
    subprocess.run([*command, code], check=True, timeout=SECONDS)
    assert read_picture(beside_a_photo / "painted.png").shape == (48, 64, 3)
