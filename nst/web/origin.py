"""Whose page this is: requests to a foreign host name and requests of foreign pages are refused before anything else.

A page of another site can send requests to a studio at home, and to a public one with the cookies of its visitors. With
DNS rebinding, browsers even take the studio for a part of that site, and only the Host header shows it.
"""

import ipaddress
import re
import socket
from collections.abc import Collection
from typing import Any

from gradio.routes import App, ORJSONResponse
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from nst.errors import SettingsError
from nst.validation import quoted
from nst.web.request_body import RefusedError

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

_NETLOC = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?")


class OwnNames:
    """The host names under which the studio is known.

    Args:
        host: the address that it listens on.
        public: further names, with a port if it is not the usual one of http or https.
    """

    def __init__(self, host: str, public: Collection[str] = ()) -> None:
        address = _address(host)
        self._hosts = {*LOOPBACK, f"[{host}]" if isinstance(address, ipaddress.IPv6Address) else host.lower()}
        self._netlocs: set[str] = set()
        if address is None or not address.is_loopback:
            machine = socket.gethostname().lower()
            self._hosts |= {machine, f"{machine}.local"}
        # An address cannot be rebound, and through NAT the machine does not know the one that others use.
        self._any_address = address is not None and address.is_unspecified
        for name in public:
            self.allow(name)

    def allow(self, name: str) -> None:
        """Add a public name.

        Raises:
            SettingsError: it is not a host name, with or without a port.
        """
        match = _NETLOC.fullmatch(name.lower())
        if match is None:
            raise SettingsError(
                f"--allow-host is {quoted(name)}; it must be a name such as studio.example, with its port if that is "
                "neither 80 nor 443."
            )
        self._hosts.add(match[1])
        self._netlocs.add(match[0])

    def has(self, netloc: str) -> bool:
        """Whether a Host header, a host name with or without a port, names this studio."""
        match = _NETLOC.fullmatch(netloc.lower())
        if match is None:
            return False
        return match[1] in self._hosts or (self._any_address and _address(match[1].strip("[]")) is not None)

    def has_origin(self, origin: str, host: str) -> bool:
        """Whether an Origin header names a page of this studio, for a request with a Host header that ``has`` knows."""
        scheme, _, netloc = origin.lower().partition("://")
        return scheme in ("http", "https") and (netloc == host.lower() or netloc in self._netlocs)


class Origin:
    """ASGI middleware that refuses foreign Host and Origin headers, and takes out headers that would be believed.

    Args:
        app: what answers the requests that pass.
        names: the names of the studio.
    """

    def __init__(self, app: ASGIApp, names: OwnNames) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            try:
                check_origin(Headers(scope=scope), self._names)
            except RefusedError as refusal:
                await refusal.response()(scope, receive, send)
                return
            scope = {**scope, "headers": [entry for entry in scope["headers"] if self._is_believed(entry, scope)]}
        await self._app(scope, receive, send)

    def _is_believed(self, header: tuple[bytes, bytes], scope: Scope) -> bool:
        """Gradio takes its own address from these headers, whoever sent them; uvicorn trusts known proxies only."""
        name, value = header
        if name == b"x-forwarded-host":
            return self._names.has(value.decode("latin-1").partition(",")[0].strip())
        if name == b"x-forwarded-proto":
            return value.decode("latin-1") == scope["scheme"]
        return name != b"x-gradio-server"


def check_origin(headers: Headers, names: OwnNames) -> None:
    """Refuse a request that is addressed to another name, or that a page of another site sends.

    Raises:
        RefusedError: in one sentence.
    """
    host, origin = headers.get("host", ""), headers.get("origin")
    if not names.has(host):
        raise RefusedError(
            421, f"This studio is not called {quoted(host)}; whoever runs it can add a name with --allow-host."
        )
    # Browsers name the origin unless they only load something: there, they say whether it is another site that does.
    if origin is not None and not names.has_origin(origin, host):
        raise RefusedError(403, f"Pages of {quoted(origin)} may not use this studio.")
    is_foreign = origin is None and headers.get("sec-fetch-site") in ("cross-site", "same-site")
    if is_foreign and headers.get("sec-fetch-mode") != "navigate":
        raise RefusedError(403, "Pages of other sites may not use this studio.")


class OwnApp(App):
    """Gradio's application behind the check of Origin and Host.

    Gradio puts its own CORS, which answers every origin, before any middleware that it is given.

    Args:
        names: the names of the studio.
        options: of FastAPI.
    """

    def __init__(self, names: OwnNames, **options: Any) -> None:
        super().__init__(default_response_class=ORJSONResponse, openapi_url=None, **options)
        self._names = names

    def build_middleware_stack(self) -> ASGIApp:
        """What answers every request."""
        return Origin(super().build_middleware_stack(), self._names)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
