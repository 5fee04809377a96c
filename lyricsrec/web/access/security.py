"""Access control, before any route gets a request.

A page of another site in the user's browser can send requests to this server. Therefore the Host header must be one of
ours (against DNS rebinding), and requests that change anything must come from our own page or from a program (Fetch
Metadata and Origin). No other origin may read responses, and no GET changes anything, so the cookie may be sent when a
link on another site leads here (SameSite=Lax), such as the address with the access token in a mail.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import re
import socket
from urllib.parse import parse_qs, quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lyricsrec.base.errors import UsageError
from lyricsrec.base.html import security_policy
from lyricsrec.web.access.guesses import Guesses
from lyricsrec.web.failures import Refused, answer
from lyricsrec.web.settings import ServeConfig

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
CONTENT_POLICY = (
    security_policy(
        script="'self'",
        style="'self'",
        img="'self' data:",
        media="'self' blob:",
        connect="'self'",
        manifest="'self'",
        worker="'self'",
    )
    + "; frame-ancestors 'none'"
)
"""The strict policy of all pages of lyricsrec, with the sources that this page needs."""

_LOG = logging.getLogger("lyricsrec.web")
MIN_TOKEN, GOOD_TOKEN = 8, 16
"""Characters below which a token is refused, and below which it is called short."""

_MIN_KINDS = 4
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_COOKIE_AGE_S = 30 * 24 * 3600
_HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[^:\[\]@/\\\s]+))(?::\d{1,5})?")
_TOKEN = re.compile(r"[!-~]+")
_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on this host."""
    if host in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_access(config: ServeConfig) -> None:
    """Raise UsageError for settings that would give strangers access."""
    if config.token is not None and not _TOKEN.fullmatch(config.token):
        raise UsageError("--token must consist of visible ASCII characters", _token_hint(config.host))
    if config.token is not None:
        if len(config.token) < MIN_TOKEN or len(set(config.token)) < _MIN_KINDS:
            raise UsageError(
                f"--token is too easy to guess: it needs {MIN_TOKEN} characters, {_MIN_KINDS} of them different",
                _token_hint(config.host),
            )
        return
    if not is_loopback(config.host):
        raise UsageError(
            f"--host {config.host} gives other machines access and needs an access token", _token_hint(config.host)
        )
    if config.names:
        raise UsageError("--name gives other machines access and needs an access token", _token_hint(config.host))


def token_warning(config: ServeConfig) -> str | None:
    """What to say about a token that is accepted, but short."""
    if config.token is None or len(config.token) >= GOOD_TOKEN:
        return None
    return f"the access token is short; one of {GOOD_TOKEN} random characters or more cannot be guessed"


def cookie_name(token: str) -> str:
    """The name of the cookie: another one for each token, because servers on other ports get the same cookies."""
    return f"lyricsrec_{_keyed(token, b'lyricsrec cookie name')[:12]}"


def _token_hint(host: str) -> str:
    return f'export LYRICSREC_TOKEN="$(openssl rand -hex 16)"; lyricsrec serve --host {host}'


class Guard:
    """The outermost ASGI middleware: checks every request, and adds security headers to every response."""

    def __init__(self, app: ASGIApp, config: ServeConfig) -> None:
        self._app = app
        self._token = config.token
        self._cookie = cookie_name(config.token) if config.token else ""
        self._guesses = Guesses()
        self._hosts = LOOPBACK | {name.lower() for name in (config.host, *config.names)}
        self._is_wildcard = config.host in ("0.0.0.0", "::", "")
        if self._is_wildcard:
            name = socket.gethostname().lower()
            self._hosts |= {name, f"{name}.local", socket.getfqdn().lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Without the query, which may contain the token, and quoted, so that no request can inject lines.
                _LOG.info("%s %s %d", scope["method"], quote(path), message["status"])
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers["Cache-Control"] = "no-store" if path == "/api" or path.startswith("/api/") else "no-cache"
            await send(message)

        try:
            response = self._own_response(scope)
        except Refused as refused:
            response = answer(refused)
        await (response or self._app)(scope, receive, guarded)

    def _own_response(self, scope: Scope) -> Response | None:
        """The response if no route is needed, None for requests that go on to the routes. Raises Refused."""
        headers = Headers(scope=scope)
        self._check_host(headers.getlist("host"))
        if scope["method"] not in _SAFE:
            _check_same_origin(headers)
        if self._token is None:
            return None
        client = scope["client"][0] if scope.get("client") else ""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token") if scope["path"] == "/" else None
        if not given and _equal(
            cookie_parser(headers.get("cookie", "")).get(self._cookie, ""), _cookie_of(self._token)
        ):
            return None
        guess = given[0] if given else _bearer(headers)
        if guess is not None and self._is_right(guess, client, self._token):
            return self._with_cookie(is_secure=scope["scheme"] == "https") if given else None
        if scope["path"] == "/api/health":
            return JSONResponse({"status": "ok"})
        raise Refused(
            401,
            "this server requires an access token",
            "Open the address that `lyricsrec serve` printed, or send `Authorization: Bearer TOKEN`.",
            {"WWW-Authenticate": "Bearer"},
        )

    def _is_right(self, guess: str, client: str, token: str) -> bool:
        """Whether a guess is the token. Raises Refused, without looking at it, after too many wrong ones."""
        if not self._guesses.may_guess(client):
            raise Refused(
                429, "too many wrong access tokens", "Wait a moment, and check the token.", {"Retry-After": "1"}
            )
        is_right = _equal(guess, token)
        if not is_right:
            self._guesses.was_wrong(client)
            _LOG.warning("a wrong access token from %s", quote(client))
        return is_right

    def _check_host(self, given: list[str]) -> None:
        found = _HOST.fullmatch(given[0]) if len(given) == 1 else None
        name = (found["v6"] or found["name"]).lower().removesuffix(".") if found else ""
        # IP addresses are safe: DNS rebinding needs a name.
        if not found or not (name in self._hosts or (self._is_wildcard and _is_address(name))):
            raise Refused(
                400,
                "unknown host name for this server",
                "Use the address that `lyricsrec serve` printed, or start it with --name.",
            )

    def _with_cookie(self, *, is_secure: bool) -> Response:
        assert self._token is not None
        response = RedirectResponse("/", 303)
        response.set_cookie(
            self._cookie,
            _cookie_of(self._token),
            max_age=_COOKIE_AGE_S,
            httponly=True,
            samesite="lax",
            secure=is_secure,
            path="/",
        )
        return response


def _check_same_origin(headers: Headers) -> None:
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    host = headers["host"].lower()
    own = origin is None or origin.lower() in (f"http://{host}", f"https://{host}")
    if not own or site not in (None, "same-origin", "none"):
        raise Refused(
            403, "requests from pages of other sites are refused", "Use this server's own page, or a program."
        )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _bearer(headers: Headers) -> str | None:
    """The token of an Authorization header, None without one."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else None


def _cookie_of(token: str) -> str:
    """The cookie's value: a keyed hash, so that the cookie does not reveal the access token."""
    return _keyed(token, b"lyricsrec cookie")


def _keyed(token: str, text: bytes) -> str:
    return hmac.new(token.encode(), text, hashlib.sha256).hexdigest()


def _equal(one: str, other: str) -> bool:
    """Compare in constant time, whatever the lengths."""
    found, expected = (hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest() for text in (one, other))
    return hmac.compare_digest(found, expected)
