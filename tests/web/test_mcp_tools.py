"""The studio as assistants use it: a client of the Model Context Protocol, and whoever only pretends to be one."""

import base64
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from mcp import ClientSession, types
from mcp.client.streamable_http import streamable_http_client

from nst.pictures.clips import open_clip
from nst.pictures.decode import read_picture
from nst.saved_settings import read_settings_file
from nst.settings import FilmSettings, specs
from nst.web.request_body import MAX_PLAIN_BYTES
from tests.file_server import FileServer
from tests.pictures.films import film, grey
from tests.ui.coroutines import awaited
from tests.web.conftest import SECONDS, Studio, until

QUICK = {"size": 64, "steps": 2}
#: What clients send along.
HEADERS = {"Accept": "application/json, text/event-stream"}


def talk(own: Studio, speak: Callable[[ClientSession], Awaitable[Any]]) -> Any:
    """One conversation of a client with a studio, which takes a moment to notice that it is over."""

    async def conversation() -> Any:
        async with (
            httpx.AsyncClient(timeout=SECONDS) as http,
            streamable_http_client(f"{own.url}gradio_api/mcp", http_client=http) as (reader, writer, _),
            ClientSession(reader, writer) as session,
        ):
            await session.initialize()
            return await speak(session)

    return awaited(conversation())


def call(method: str, params: dict[str, Any]) -> dict[str, Any]:
    """A request of the protocol, for whoever speaks without a client."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def answer_to(own: Studio, arguments: Any, name: str = "stylize") -> str:
    """What a tool answers with to arguments that cannot be used."""
    params = {"name": name, "arguments": arguments}
    answer = own.post("gradio_api/mcp", json=call("tools/call", params), headers=HEADERS)
    result = json.loads(re.search(r"^data: (.*)$", answer.text, flags=re.M)[1])["result"]
    assert result["isError"]
    (content,) = result["content"]
    return content["text"]


def embedded(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"


def test_there_are_three_tools_and_the_gallery_is_listed(own: Studio) -> None:
    async def speak(session: ClientSession) -> None:
        tools = (await session.list_tools()).tools
        assert [tool.name for tool in tools] == ["stylize", "film", "list_styles"]
        for tool, content in zip(tools, ("photo", "clip"), strict=False):
            assert set(tool.inputSchema["properties"]) == {content, "style", "settings"}
        assert set(specs(FilmSettings)) < set(tools[1].inputSchema["properties"]["settings"]["properties"])
        styles = (await session.call_tool("list_styles")).structuredContent["styles"]
        assert "scream" in [style["name"] for style in styles]
        assert set(styles[0]) == {"name", "title", "artist", "year", "about", "alt"}

    talk(own, speak)


@pytest.mark.parametrize("way", ["its path", "its address", "in the request"])
def test_a_photo_comes_back_painted_with_progress_on_the_way(
    own: Studio, photo: Path, tmp_path: Path, way: str
) -> None:
    uploaded = own.upload(photo)["path"]
    sent = {
        "its path": uploaded,
        "its address": f"{own.url}gradio_api/file={uploaded}",
        "in the request": embedded(photo),
    }
    progress: list[tuple[float, float | None, str | None]] = []

    async def speak(session: ClientSession) -> types.CallToolResult:
        async def hear(done: float, total: float | None, message: str | None) -> None:
            progress.append((done, total, message))

        arguments = {"photo": sent[way], "style": "scream", "settings": QUICK}
        return await session.call_tool("stylize", arguments, progress_callback=hear)

    result = talk(own, speak)
    image, text = result.content
    assert not result.isError
    assert (progress[-1], len(set(progress))) == ((2, 2, "finished"), len(progress))
    assert (image.type, image.mimeType) == ("image", "image/png")
    (tmp_path / "result.png").write_bytes(base64.b64decode(image.data))
    assert read_picture(tmp_path / "result.png").shape == (48, 64, 3)
    assert not np.array_equal(read_picture(tmp_path / "result.png"), read_picture(photo))
    assert read_settings_file(tmp_path / "result.png").settings["steps"] == 2
    assert text.text.startswith("The run finished after 2 steps")
    address = re.search(r"http\S+$", text.text)[0]
    assert own.get(address).content == base64.b64decode(image.data)


def test_a_clip_comes_back_as_a_film_and_a_frame_of_it(own: Studio, tmp_path: Path) -> None:
    clip = film(tmp_path / "waves.mp4", [grey(8), grey(9)], rate=8)
    progress: list[tuple[float, float | None]] = []

    async def speak(session: ClientSession) -> types.CallToolResult:
        async def hear(done: float, total: float | None, _message: str | None) -> None:
            progress.append((done, total))

        settings = {**QUICK, "frame_rate": 8, "frame_steps": 1}
        arguments = {"clip": own.upload(clip)["path"], "style": "scream", "settings": settings}
        return await session.call_tool("film", arguments, progress_callback=hear)

    image, text = talk(own, speak).content
    assert (progress[-1], progress) == ((2, 2), sorted(progress))
    (tmp_path / "frame.png").write_bytes(base64.b64decode(image.data))
    assert read_picture(tmp_path / "frame.png").shape == (48, 64, 3)
    assert text.text.startswith("The run finished after 2 of 2 frames")
    (tmp_path / "film.mp4").write_bytes(own.get(re.search(r"http\S+$", text.text)[0]).content)
    made = open_clip(tmp_path / "film.mp4")
    assert (made.frames, made.rate, made.width) == (2, 8, 64)


def test_a_clip_keeps_to_the_limits_of_the_studio(hosted: Studio, photo: Path, tmp_path: Path) -> None:
    long = film(tmp_path / "long.mp4", [grey(0)] * 31, rate=1)
    clip = f"data:video/mp4;base64,{base64.b64encode(long.read_bytes()).decode()}"
    sentence = answer_to(hosted, {"clip": clip, "style": "scream"}, "film")
    assert sentence == "This clip lasts 31 seconds; the limit is 30."
    sentence = answer_to(hosted, {"clip": embedded(photo), "style": "scream"}, "film")
    assert sentence == "clip: This PNG file is a picture that does not move, not a clip."


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"photo": "/etc/passwd"}, "photo is '/etc/passwd'; it must be a file that was uploaded"),
        ({"photo": {"path": "/etc/passwd"}}, "photo is '/etc/passwd'; it must be a file that was uploaded"),
        ({"photo": "file:///etc/passwd"}, "photo is 'file:///etc/passwd'; it must be a file that was uploaded"),
        ({"photo": "http://x/gradio_api/file=/etc/passwd"}, "photo is 'http://x/gradio_api/file=/etc/passwd'; it must"),
        ({"photo": "data:image/png;base64,a"}, "photo is a data: URI that is not base64."),
        ({"photo": "data:image/png;base64,aaaa"}, "photo: This file is not a picture"),
        ({"photo": None}, "photo is None; it must be a file that was uploaded"),
        ({"photo": "\0"}, r"photo is '\x00'; it must be a file that was uploaded"),
        ({"style": "nope"}, "There is no style called 'nope'; the gallery has scream"),
        ({"style": "/etc/passwd"}, "There is no style called '/etc/passwd'; the gallery has"),
        ({"settings": {"steps": "x"}}, "steps is 'x'; it must be a whole number from 1 to 5000 steps."),
        ({"settings": {"size": 1024, "steps": 5000, "step_decay": 1}}, "Steps x pixels is "),
    ],
)
def test_a_mistake_is_one_sentence(hosted: Studio, photo: Path, change: dict[str, Any], sentence: str) -> None:
    text = answer_to(hosted, {"photo": embedded(photo), "style": "scream", "settings": QUICK} | change)
    assert text.startswith(sentence)
    assert "\n" not in text
    assert not list((hosted.results / "uploads").glob("mcp-*"))


def test_an_unknown_tool_is_named(own: Studio) -> None:
    assert answer_to(own, {}, "enter") == "There is no tool called 'enter'; there are stylize, film and list_styles."


def test_no_address_is_fetched(hosted: Studio, photo: Path) -> None:
    with FileServer() as elsewhere:
        elsewhere.files["/lion.png"] = photo.read_bytes()
        address = f"{elsewhere.url}/lion.png"
        for arguments in ({"photo": address, "style": "scream"}, {"photo": embedded(photo), "style": address}):
            assert address in answer_to(hosted, {**arguments, "settings": QUICK})
        assert elsewhere.asked == []


def test_a_client_that_leaves_takes_its_run_along(own: Studio, photo: Path) -> None:
    before = set(own.results.iterdir())
    arguments = {"photo": embedded(photo), "style": "scream", "settings": {"size": 128, "steps": 5000}}
    params = {"name": "stylize", "arguments": arguments, "_meta": {"progressToken": 1}}
    with own.http.stream("POST", "gradio_api/mcp", json=call("tools/call", params), headers=HEADERS) as answer:
        assert next(line for line in answer.iter_lines() if '"progress":3' in line)
    until(lambda: [folder for folder in set(own.results.iterdir()) - before if (folder / "result.zip").exists()])
    (folder,) = set(own.results.iterdir()) - before
    assert json.loads((folder / "settings.json").read_text())["end"] == "stopped"


def test_what_is_no_request_of_a_client_is_refused(own: Studio) -> None:
    def status(
        content: bytes = json.dumps(call("tools/list", {})).encode(), method: str = "POST", **headers: str
    ) -> int:
        kind = {"Content-Type": "application/json"}
        return own.http.request(method, "gradio_api/mcp", content=content, headers=HEADERS | kind | headers).status_code

    assert status() == 200
    assert [status(method=method) for method in ("GET", "DELETE", "PUT")] == [405] * 3
    assert status(Origin="https://evil.example") == 403
    assert status(Host="evil.example") == 421
    assert status(bytes(MAX_PLAIN_BYTES + 1)) == 413
    assert status(b"[" * 100_000) == 422
    assert [status(content) for content in (b"", b"{}", b"[]", b'{"jsonrpc": "2.0"}')] == [400] * 4
    assert [own.get(f"gradio_api/mcp/{path}").status_code for path in ("sse", "messages/")] == [404] * 2
    assert "Traceback" not in own.said()
