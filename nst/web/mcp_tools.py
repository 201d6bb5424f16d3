"""The studio as a server of the Model Context Protocol: assistants paint through its tools.

Requests pass the same middleware as those of the API. Nothing of them reaches Gradio, which would fetch addresses.
"""

import asyncio
import base64
import logging
import secrets
from collections.abc import Callable, Generator
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from urllib.parse import quote, unquote

from gradio.utils import get_upload_folder
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from nst.engines.line import Visitor
from nst.errors import ImageError, NSTError
from nst.gallery.manifest import bundled_styles
from nst.recipes import DEFAULT_RECIPE, recipes
from nst.settings import FilmSettings, specs
from nst.steps import Job
from nst.ui.listeners import network_address
from nst.ui.studio import Studio
from nst.version import NAME, __version__
from nst.web.api import Api
from nst.web.api_request import BROKEN, read_film_job, read_job
from nst.web.request_body import MCP_PATHS
from nst.web.upload_folder import is_uploaded

logger = logging.getLogger(__name__)

_FILE = "/gradio_api/file="

#: What each tool that paints is given, and how that becomes a job.
_PAINTING = {"stylize": ("photo", read_job), "film": ("clip", read_film_job)}

_UPLOADED = (
    "a file that was uploaded to this studio (POST it as the form field 'files' to /gradio_api/upload, which answers "
    "with its path; or use the tool upload_file_to_gradio if there is one), or, up to 700 KB, a data: URI. Addresses "
    "are not fetched and paths of other files are not read."
)


def tools() -> list[types.Tool]:
    """What an assistant is told that it can do here."""
    film_settings = {
        name: {"description": spec.help, **({"enum": [*spec.choices]} if spec.choices else {"type": spec.kind})}
        for name, spec in specs(FilmSettings).items()
    }
    return [
        types.Tool(
            name="stylize",
            description="Repaint a photo in the style of a painting; takes from seconds to minutes. Returns the "
            "picture as a PNG, its address, and what there is to say about it.",
            inputSchema=_arguments("photo", {}),
        ),
        types.Tool(
            name="film",
            description="Repaint a clip (MP4, MOV, WebM, MKV, AVI, GIF, APNG or WebP) frame by frame in the style of a "
            "painting; takes minutes to hours: seconds for each frame. Returns a frame of the film as a PNG, the "
            "address of the film, an MP4, and what there is to say about it.",
            inputSchema=_arguments("clip", film_settings),
        ),
        types.Tool(
            name="list_styles",
            description=f"The {len(bundled_styles())} paintings of the gallery: the name that stylize takes, title, "
            "artist, year, and a description.",
            inputSchema={"type": "object", "properties": {}},
        ),
    ]


def _arguments(content: str, more_settings: dict[str, Any]) -> dict[str, Any]:
    """The schema of the arguments of a tool that paints."""
    names = [recipe.name for recipe in recipes()]
    settings = {
        "recipe": {"type": "string", "enum": names, "default": DEFAULT_RECIPE},
        "size": {"type": "integer", "description": "long side in pixels; up to 512 is quick and small"},
        "steps": {"type": "integer", "description": "steps at the coarsest scale; fewer are quicker"},
        **more_settings,
    }
    about = "Any setting by name; those not named are the recipe's."
    properties = {
        content: {"type": "string", "description": f"The {content}: {_UPLOADED}"},
        "style": {"type": "string", "description": f"A name that list_styles gives, or a painting: {_UPLOADED}"},
        "settings": {"type": "object", "description": about, "properties": settings},
    }
    return {"type": "object", "properties": properties, "required": [content, "style"]}


class McpTools:
    """The tools on the network. Nothing is kept between two requests; one that its client leaves stops its run.

    Args:
        studio: what does the work.
        most: so many calls are at work at once.
    """

    def __init__(self, studio: Studio, most: int) -> None:
        self._api, self._limits, self._slots = Api(studio), studio.limits, asyncio.Semaphore(most)
        # It has lines, and tracebacks, for whatever is sent.
        logging.getLogger("mcp").setLevel(logging.CRITICAL)
        self._server = Server[Any, Request](NAME, __version__)
        self._server.list_tools()(self._list)
        # The one check of the core says what is wrong in a sentence.
        self._server.call_tool(validate_input=False)(self._call)
        self._manager = StreamableHTTPSessionManager(self._server, stateless=True)
        # A stateless server has nothing to say unasked, for which a GET would wait.
        self.routes = [Route(path, self, methods=["POST"]) for path in MCP_PATHS]
        self.routes.append(Route(f"{MCP_PATHS[0]}/schema", _schema))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._manager.handle_request(scope, receive, send)

    def run(self, _app: object) -> AbstractAsyncContextManager[None]:
        """The ``lifespan`` in which requests are answered."""
        return self._manager.run()

    async def _list(self) -> list[types.Tool]:
        return tools()

    async def _call(self, name: str, arguments: dict[str, Any]) -> types.CallToolResult | dict[str, Any]:
        if name == "list_styles":
            return {"styles": self._api.styles()}
        try:
            if name not in _PAINTING:
                raise NSTError(f"There is no tool called {name[:60]!r}; there are stylize, film and list_styles.")
            async with self._slots:
                return types.CallToolResult(content=await self._paint(arguments, *_PAINTING[name]))
        except NSTError as error:
            sentence = error.sentence(str)
        except Exception:
            logger.exception("a call of an MCP tool failed")
            sentence = BROKEN
        return types.CallToolResult(content=[types.TextContent(type="text", text=sentence)], isError=True)

    async def _paint(self, arguments: dict[str, Any], field: str, read: Callable[..., Job]) -> list[types.ContentBlock]:
        request = cast(Request, self._server.request_context.request)
        Path(get_upload_folder()).mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=get_upload_folder(), prefix="mcp-") as folder:
            content, style = (upload(arguments.get(name), name, Path(folder)) for name in (field, "style"))
            who = Visitor(session=secrets.token_hex(), address=network_address(request.client))
            settings = arguments.get("settings", DEFAULT_RECIPE)
            make_job = partial(read, content, style, settings, self._limits)
            record = await self._last(self._api.paint(make_job, who))
        path = Path(record["file"]["path"])
        png = await run_in_threadpool(path.with_suffix(".png").read_bytes)
        return [
            types.ImageContent(type="image", data=base64.b64encode(png).decode(), mimeType="image/png"),
            types.TextContent(type="text", text=summary(record, f"{request.base_url}{_FILE[1:]}{quote(str(path))}")),
        ]

    async def _last(self, records: Generator[dict[str, Any]]) -> dict[str, Any]:
        """Report a run to its end; to be cancelled stops it."""
        last: dict[str, Any] = {}
        try:
            while (record := await run_in_threadpool(next, records, None)) is not None:
                if any(record[name] != last.get(name) for name in ("state", "position", "step")):
                    await self._report(record)
                last = record
        finally:
            records.close()
        return last

    async def _report(self, record: dict[str, Any]) -> None:
        context = self._server.request_context
        token = context.meta.progressToken if context.meta else None
        if token is None:
            return
        ahead = f", {record['position']} ahead" if record["position"] else ""
        await context.session.send_progress_notification(
            token, *progress(record), f"{record['state']}{ahead}", str(context.request_id)
        )


def _schema(_request: Request) -> JSONResponse:
    """The tools for Gradio's page of the API, which also offers its helper for uploads where files are taken."""
    meta = {"file_data_present": True, "mcp_type": "tool"}
    return JSONResponse([
        {"name": tool.name, "description": tool.description, "inputSchema": tool.inputSchema, "meta": meta}
        for tool in tools()
    ])  # fmt: skip


def upload(value: Any, field: str, folder: Path) -> Any:
    """An argument as the API takes it: an uploaded or an embedded file as a file, anything else as it is.

    Args:
        value: an argument.
        field: its name.
        folder: where an embedded file is written.

    Raises:
        ImageError: an embedded file is not base64.
    """
    if not isinstance(value, str):
        return value
    if value.startswith("data:"):
        try:
            content = base64.b64decode(value.partition(",")[2])
        except ValueError:
            raise ImageError(f"{field} is a data: URI that is not base64.") from None
        path = folder / field
        path.write_bytes(content)
        return {"path": str(path)}
    path_of_address = unquote(value.partition(_FILE)[2]) or value
    return {"path": path_of_address} if is_uploaded(path_of_address) else value


def progress(record: dict[str, Any]) -> tuple[float, float]:
    """How far a run is, and where it ends: in steps, or in the frames of a film."""
    if "frames" not in record:
        return record["step"], record["total"]
    return max(0, record["frame"] - 1) + record["step"] / max(1, record["total"]), record["frames"]


def summary(record: dict[str, Any], address: str) -> str:
    """What is said about a result, in sentences."""
    size, state = f"{record['width']} x {record['height']} px", record["state"]
    is_film = "frames" in record
    work = f"{record['frame']} of {record['frames']} frames" if is_film else f"{record['step']} steps"
    words = [f"The run {state} after {work} and {record['seconds']:.0f} s: {size}.", *record["notes"]]
    return " ".join([*words, f"{'The film' if is_film else 'The PNG, with its settings inside'}: {address}"])
