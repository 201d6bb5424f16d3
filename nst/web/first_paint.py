"""ASGI middleware: the page's background is light or dark as the visitor chose, before Gradio's scripts have loaded."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst.ui.theme import PAPER

# The page's own script takes the background back when it runs.
_SCRIPT = f"""<script>try {{
  const colour = {{light: '{PAPER.c100}', dark: '{PAPER.c950}'}}[localStorage.getItem('theme')];
  if (colour) document.documentElement.style.background = colour;
}} catch {{}}</script>""".encode()


class FirstPaint:
    """Puts a script at the beginning of the page's HTML: Gradio's ``head`` is added by scripts, after the first paint.

    Args:
        app: what answers the requests.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_page = scope["type"] == "http" and scope["method"] == "GET" and scope["path"].endswith("/")
        await self._app(scope, receive, _with_script(send) if is_page else send)


def _with_script(send: Send) -> Send:
    """``send`` that holds an answer back until its HTML begins, because its length changes."""
    start: Message | None = None

    async def pass_on(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
            return
        if start is not None:
            body = message.get("body", b"")
            message = {**message, "body": body.replace(b"<head>", b"<head>" + _SCRIPT, 1)}
            headers = MutableHeaders(scope=start)
            if "content-length" in headers:
                length = int(headers["content-length"]) + len(message["body"]) - len(body)
                headers["content-length"] = str(length)
            await send(start)
            start = None
        await send(message)

    return pass_on
