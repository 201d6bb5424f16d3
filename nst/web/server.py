"""The page on the network: its launch, its middleware, and the deletion of old files."""

import os
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
from gradio.networking import setup_tunnel
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route

from nst.engines.base import Engine
from nst.errors import OutputError
from nst.limits import Limits
from nst.pictures.cache import drop_deleted
from nst.runs.sweep import sweep
from nst.ui.page import build_page
from nst.ui.run_button import VISITORS
from nst.ui.studio import Studio
from nst.ui.theme import FAVICON, head, theme
from nst.web.api import connect_api
from nst.web.connections import bound_connections
from nst.web.escapes import Escapes, answer_in_sentences
from nst.web.first_paint import FirstPaint
from nst.web.guard import Guard
from nst.web.login import OPERATOR_PATH, Login, Passwords
from nst.web.operator import operator
from nst.web.origin import OwnApp, OwnNames
from nst.web.quotas import Quotas
from nst.web.sessions import bounded_sessions, pending_events
from nst.web.upload_folder import folder_bytes, make_room

if TYPE_CHECKING:
    from nst.web.mcp_tools import McpTools

#: Old files are looked for this many times in the time that they are kept, and once an hour at least.
SWEEPS = 60
HOUR = 3600


def launch(
    studio: Studio,
    host: str,
    port: int,
    names: OwnNames,
    accounts: list[tuple[str, str]] | None = None,
    *,
    mcp: bool = False,
) -> tuple[gr.Blocks, str]:
    """Put the page on the network, and return at once.

    Args:
        studio: what the page works with.
        host: the address to listen on.
        port: the port to listen on.
        names: the host names under which the studio is known.
        accounts: who may log in; everybody may come in without them.
        mcp: whether assistants may use it through the Model Context Protocol.

    Returns:
        The page, and its address on this machine.
    """
    page = build(studio)
    limits, listeners = studio.limits, studio.listeners
    quotas = Quotas(limits.address, partial(pending_events, page))
    offered = offered_files(page)

    def room_for(size: int) -> bool:
        return make_room(size, limits.upload_bytes, offered | studio.visits.uploads())

    passwords = Passwords(accounts) if accounts else None
    tools = [mcp_tools(studio)] if mcp else []
    app = OwnApp(
        names,
        middleware=[
            Middleware(Escapes),
            Middleware(Guard, listeners, quotas, limits.largest_upload, room_for),
            Middleware(Login, passwords),
            Middleware(FirstPaint),
        ],
        routes=[
            Route("/health", health(studio.engine)),
            *([Route(OPERATOR_PATH, operator(studio.engine))] if passwords else []),
            *(route for each in tools for route in each.routes),
        ],
    )
    lifespan = bounded_sessions(listeners, limits.address.tabs, *(each.run for each in tools))
    is_account = passwords.check if passwords else None
    _, url, _ = page.launch(
        server_name=host, server_port=port, auth=is_account, share=False, quiet=True, prevent_thread_lock=True,
        theme=theme(), head=head(limits.largest_upload), favicon_path=str(FAVICON), footer_links=["api"],
        run_history=False, pwa=False, max_threads=80, enable_monitoring=False, strict_cors=True,
        ssr_mode=False, mcp_server=False, inbrowser=False, show_error=False,
        _app=app, app_kwargs={"lifespan": lifespan},
    )  # fmt: skip
    bound_connections(page.server.config, limits.address.half_open)
    return page, url


def build(studio: Studio) -> gr.Blocks:
    """The page with its API, ready to be launched."""
    # Gradio's statistics are worked out after every event, from the last 10,000; nothing here shows them.
    os.environ |= {"GRADIO_ANALYTICS_MAX_EVENTS": "1", "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(sys.maxsize)}
    with build_page(studio) as page:
        connect_api(studio, page, VISITORS)
    answer_in_sentences(page)
    return page.queue(default_concurrency_limit=VISITORS, max_size=4 * VISITORS, api_open=False)


def mcp_tools(studio: Studio) -> "McpTools":
    """What answers assistants. Its library is loaded only for those who want it, as it need not be installed."""
    from nst.web.mcp_tools import McpTools

    return McpTools(studio, VISITORS)


def health(engine: Engine) -> Callable[..., JSONResponse]:
    """What answers ``/health``: whether runs begin at once, on what device, how many wait, and what each painter of a
    cluster does; 503 until ready."""

    def answer(_request: object) -> JSONResponse:
        ready = engine.ready
        # Before that, to name the device would be to wait for it.
        device = engine.device if ready else None
        document = {"ready": ready, "device": device, "queue": engine.waiting}
        painters = [asdict(painter) for painter in engine.painters]
        return JSONResponse(document | ({"painters": painters} if painters else {}), 200 if ready else 503)

    return answer


def public_link(page: gr.Blocks, host: str, port: int) -> str:
    """A public address that leads to the page through Gradio's servers; may take a minute.

    Gradio's own way is bypassed because the page would then load its scripts from elsewhere.

    Raises:
        OutputError: it cannot be made, in one sentence.
    """
    try:
        link = setup_tunnel(host, port, page.share_token, None, None)
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise OutputError(f"No public link could be made: {reason}.") from None
    return link.replace("http://", "https://", 1)


def offered_files(page: gr.Blocks) -> set[Path]:
    """The files that a page offers to everybody."""
    kept = (path for block in page.blocks.values() for path in getattr(block, "keep_in_cache", ()))
    return {Path(path).resolve() for path in kept}


def keep_clean(page: gr.Blocks, engine: Engine, limits: Limits, uploads: Path | None = None) -> threading.Event:
    """Delete results and uploads beyond the limits now, and from now on in a thread of its own.

    Args:
        page: has been launched; the files that it offers to everybody are left.
        engine: its results are swept, but for the runs that are not over.
        limits: how long results and uploads are kept, and how much space they may take together.
        uploads: the folder of Gradio's uploads and downloads; left to Gradio when None.

    Returns:
        What ends the thread when it is set; the end of the program ends it as well.
    """
    offered = offered_files(page)

    def sweep_all() -> None:
        results, keep_bytes = engine.results.resolve(), limits.keep_bytes
        if uploads is not None:
            sweep(uploads.resolve(), limits.upload_seconds, offered, limits.upload_bytes)
            drop_deleted()
            keep_bytes -= folder_bytes(uploads)
        sweep(results, limits.keep_seconds, {results / run_id for run_id in engine.live}, keep_bytes)

    def sweep_on() -> None:
        while not ended.wait(min(limits.keep_seconds / SWEEPS, HOUR)):
            sweep_all()

    ended = threading.Event()
    sweep_all()
    threading.Thread(target=sweep_on, name="nst-sweep", daemon=True).start()
    return ended
