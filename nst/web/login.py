"""The login: who may come in, how fast wrong passwords may follow each other, its cookies, and the way out."""

import secrets
import time
from base64 import b64decode
from collections.abc import Collection
from contextvars import ContextVar
from hmac import compare_digest
from math import ceil

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nst.ui.listeners import network_address
from nst.web.request_body import MCP_PATHS, RefusedError

#: Wrong passwords that an address may send: for one account, for one that many addresses try, and for all accounts.
FOR_ACCOUNT = parse_many("5/minute; 10/10 minutes; 20/hour")
FOR_TRIED_ACCOUNT = parse_many("1/minute; 5/hour")
FOR_ALL = parse_many("20/10 minutes; 50/hour")
#: An account for which more wrong passwords come, from all addresses together, is one that many try.
TRIED = parse_many("50/hour")

#: The page of whoever runs the studio.
OPERATOR_PATH = "/operator"

_address: ContextVar[str] = ContextVar("address", default="")


class Passwords:
    """Checks names and passwords. Whoever was wrong too often waits, but nobody else does.

    Args:
        accounts: (name, password) pairs.
    """

    def __init__(self, accounts: Collection[tuple[str, str]]) -> None:
        self._passwords = dict(accounts)
        self._wrong = MovingWindowRateLimiter(MemoryStorage())

    def check(self, name: str, password: str) -> bool:
        """Whether the password is that of the account.

        Raises:
            RefusedError: too many wrong ones came before it; it was not looked at.
        """
        address, limiter = _address.get(), self._wrong
        is_tried = not all(limiter.test(limit, name) for limit in TRIED)
        keys: list[tuple[RateLimitItem, tuple[str, ...]]] = [(limit, (address,)) for limit in FOR_ALL]
        keys += [(limit, (name, address)) for limit in (FOR_TRIED_ACCOUNT if is_tried else FOR_ACCOUNT)]
        full = [(limit, key) for limit, key in keys if not limiter.test(limit, *key)]
        if full:
            wait = max(limiter.get_window_stats(limit, *key).reset_time for limit, key in full) - time.time()
            raise RefusedError(429, f"Too many wrong passwords; wait {ceil(wait)} s before the next one.")
        is_right = compare_digest(self._passwords.get(name, "").encode(), password.encode()) and name in self._passwords
        if not is_right:
            for limit, key in [*keys, *((limit, (name,)) for limit in TRIED)]:
                limiter.hit(limit, *key)
        return is_right


class Login:
    """ASGI middleware around Gradio's login and logout.

    A logout is a POST, so that no picture on a foreign page can be one. Cookies go to requests of this site alone.
    Programs may send name and password with each request instead, by HTTP Basic.

    Args:
        app: Gradio.
        passwords: who may come in; everybody when None.
    """

    def __init__(self, app: ASGIApp, passwords: Passwords | None = None) -> None:
        self._app, self._passwords = app, passwords
        self._tokens: dict[str, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _address.set(network_address(HTTPConnection(scope).client))
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if self._passwords is not None:
            scope = self._with_cookie(scope, self._passwords)
            if path.startswith((MCP_PATHS[0], OPERATOR_PATH)) and not _is_logged_in(scope):
                raise RefusedError(401, "This studio has a login: send a name and a password by HTTP Basic.")
        if path == "/logout":
            if scope["method"] != "POST":
                raise RefusedError(405, "To log out, send a POST.")
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, _with_lax_cookies(send, scope["scheme"] == "https"))

    def _with_cookie(self, scope: Scope, passwords: Passwords) -> Scope:
        """The request with the cookie of a login, if it has the name and the password for one."""
        kind, _, credentials = Headers(scope=scope).get("authorization", "").partition(" ")
        if kind.lower() != "basic":
            return scope
        name, _, password = _decoded(credentials).partition(":")
        if not passwords.check(name, password):
            raise RefusedError(401, "This is not the password of this account.")
        token = self._tokens.setdefault(name, secrets.token_urlsafe(32))
        # A logout of the account ends this token, too.
        scope["app"].tokens[token] = name
        cookie = f"{_cookies(scope)[0]}={token}".encode()
        return {
            **scope,
            "headers": [*(entry for entry in scope["headers"] if entry[0] != b"cookie"), (b"cookie", cookie)],
        }


def _cookies(scope: Scope) -> tuple[str, str]:
    """The names of Gradio's cookies, over https and over http."""
    studio = scope["app"].cookie_id
    return f"access-token-{studio}", f"access-token-unsecure-{studio}"


def _is_logged_in(scope: Scope) -> bool:
    cookies = HTTPConnection(scope).cookies
    return any(cookies.get(name) in scope["app"].tokens for name in _cookies(scope))


def _decoded(credentials: str) -> str:
    try:
        return b64decode(credentials).decode()
    except ValueError:
        return ""


def _with_lax_cookies(send: Send, secure: bool) -> Send:
    """``send`` that no cookie passes which other sites may use, or which goes over http once it came over https."""

    async def pass_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            cookies = headers.getlist("set-cookie")
            del headers["set-cookie"]
            for cookie in cookies:
                headers.append("set-cookie", lax(cookie, secure))
        await send(message)

    return pass_on


def lax(cookie: str, secure: bool) -> str:
    """A Set-Cookie header with SameSite=Lax, and Secure if the cookie is for https."""
    parts = [part for part in cookie.split("; ") if not part.lower().startswith("samesite=")]
    if secure and "secure" not in (part.lower() for part in parts):
        parts.append("Secure")
    return "; ".join([*parts, "SameSite=Lax"])
