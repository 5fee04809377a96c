"""Access control: host names, origins, the access token, security headers."""

from __future__ import annotations

import inspect
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from helpers.web.served import Served, serving, until

from lyricsrec.base.errors import UsageError
from lyricsrec.web.access import guesses, security
from lyricsrec.web.access.security import check_access, cookie_name, is_loopback, token_warning
from lyricsrec.web.settings import ServeConfig


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("open")) as server:
        yield server


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("locked"), token="open-sesame", host="0.0.0.0") as server:
        yield server


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:9000", "LOCALHOST", "127.0.0.1:1", "[::1]:8000", "localhost."]
)
def test_names_of_this_machine_are_accepted(server: Served, host: str) -> None:
    assert server.client.get("/api/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8000", "localhost@evil", "", "10.0.0.1", "[::1"],
)
def test_other_names_are_refused(server: Served, host: str) -> None:
    answer = server.client.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "hint"}


def test_two_host_headers_are_refused(server: Served) -> None:
    with socket.create_connection(("127.0.0.1", httpx.URL(server.url).port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "{url}", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "{url}"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/api/jobs/x/cancel"), ("DELETE", "/api/jobs/x")])
def test_the_own_page_and_programs_may_change_things(
    server: Served, headers: dict[str, str], method: str, path: str
) -> None:
    sent = {name: value.format(url=server.url) for name, value in headers.items()}
    assert server.client.request(method, path, headers=sent).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[broken"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
@pytest.mark.parametrize("path", ["/api/jobs", "/api/jobs/x/cancel", "/"])
def test_pages_of_other_sites_may_not_change_things(server: Served, headers: dict[str, str], path: str) -> None:
    answer = server.client.post(path, headers=headers)
    assert answer.status_code == 403
    assert "other sites" in answer.json()["error"]


def test_nothing_is_allowed_across_origins(server: Served) -> None:
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "DELETE"}
    answer = server.client.options("/api/jobs/x", headers=asked)
    assert answer.status_code == 405
    answers = [answer, server.client.get("/api/jobs", headers={"Origin": "http://evil.example"})]
    assert not [name for each in answers for name in each.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/", "/nothing", "/api/jobs", "/api/jobs/x", "/api/openapi.json", "/static/"])
def test_every_response_has_security_headers(server: Served, path: str) -> None:
    headers = server.client.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == ("no-store" if path.startswith("/api/") else "no-cache")
    assert "server" not in headers or "lyricsrec" not in headers["server"]


def test_errors_have_security_headers_too(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(server.service.store), "counts", lambda _: 1 / 0)
    answers = [server.client.get("/api/health"), server.client.get("/", headers={"Host": "evil.example"})]
    assert [answer.status_code for answer in answers] == [500, 400]
    assert all("content-security-policy" in answer.headers for answer in answers)


@pytest.mark.parametrize("path", ["/", "/api/jobs", "/api/openapi.json", "/static/app.js", "/api/models", "/nothing"])
def test_without_the_token_everything_is_refused(locked: Served, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer open-sesam"}, {"Authorization": "Basic open-sesame"}):
        answer = httpx.get(locked.url + path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "token" in answer.json()["error"]


def test_logs_contain_neither_the_token_nor_injected_lines(locked: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "lyricsrec.web"):
        httpx.get(f"{locked.url}/nothing%0aERROR:%20all%20is%20lost")
        httpx.get(f"{locked.url}/", params={"token": "open-sesame"})
    assert caplog.messages == ["GET /nothing%0AERROR%3A%20all%20is%20lost 401", "GET / 303"]


def test_health_without_the_token_has_only_the_status(locked: Served) -> None:
    assert httpx.get(locked.url + "/api/health").json() == {"status": "ok"}
    assert locked.client.get("/api/health").json()["queued"] == 0


def test_the_address_with_the_token_opens_the_page(locked: Served) -> None:
    with httpx.Client(base_url=locked.url) as browser:
        answer = browser.get("/", params={"token": "open-sesame"})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()
        assert "secure" not in cookie.lower()
        assert "open-sesame" not in cookie
        assert browser.get("/api/jobs").json() == {"jobs": []}
        assert browser.get("/", params={"token": "wrong"}).status_code == 401


NAME = cookie_name("open-sesame")


@pytest.mark.parametrize("cookie", [f"{NAME}=open-sesame", f"{NAME}=", NAME, "\xff=;;"])
def test_other_cookies_are_refused(locked: Served, cookie: str) -> None:
    assert httpx.get(locked.url + "/api/jobs", headers={"Cookie": cookie.encode("latin-1")}).status_code == 401


def test_the_token_in_the_address_works_only_on_the_page(locked: Served) -> None:
    assert httpx.get(locked.url + "/api/jobs", params={"token": "open-sesame"}).status_code == 401


@pytest.mark.parametrize("host", ["192.168.1.5:8000", "[fe80::1]:8000", "localhost", socket.gethostname()])
def test_a_wildcard_host_accepts_addresses_but_not_foreign_names(locked: Served, host: str) -> None:
    assert locked.client.get("/api/jobs", headers={"Host": host}).status_code == 200
    assert locked.client.get("/api/jobs", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_a_loopback_host_needs_no_token(host: str) -> None:
    assert is_loopback(host)
    check_access(ServeConfig(host=host, folder=Path("unused")))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "songs.example", "", "localhost.example"])
def test_any_other_host_needs_a_token(host: str) -> None:
    with pytest.raises(UsageError, match="needs an access token") as failed:
        check_access(ServeConfig(host=host, folder=Path("unused")))
    assert "LYRICSREC_TOKEN" in str(failed.value.hint)
    check_access(ServeConfig(host=host, token="open-sesame", folder=Path("unused")))


def test_a_proxy_needs_a_name_and_a_token(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs an access token"):
        check_access(ServeConfig(names=("songs.example",), folder=tmp_path))
    with serving(tmp_path, names=("Songs.example",), token="open-sesame") as server:
        headers = {"Host": "songs.example", "Origin": "https://songs.example", "Sec-Fetch-Site": "same-origin"}
        assert server.client.post("/api/jobs/x/cancel", headers=headers).status_code == 404
        assert server.client.get("/api/jobs", headers={"Host": "other.example"}).status_code == 400
        # Over TLS, the cookie is marked as secure.
        opened = server.client.get("/", params={"token": "open-sesame"}, headers={"X-Forwarded-Proto": "https"})
        assert "secure" in opened.headers["set-cookie"].lower()


@pytest.mark.parametrize("token", [" ", "two words", "grün", "a\nb", ""])
def test_a_token_that_does_not_fit_a_header_is_refused(token: str) -> None:
    with pytest.raises(UsageError):
        check_access(ServeConfig(token=token, folder=Path("unused")))


@pytest.mark.parametrize("token", ["a", "1234567", "aaaaaaaaaaaa", "abcabcabcabc"])
def test_a_token_that_is_easy_to_guess_is_refused(token: str) -> None:
    with pytest.raises(UsageError, match="too easy to guess"):
        check_access(ServeConfig(token=token, folder=Path("unused")))


def test_a_short_token_gets_a_warning() -> None:
    assert "short" in str(token_warning(ServeConfig(token="open-sesame")))
    assert token_warning(ServeConfig(token="0123456789abcdef")) is None
    assert token_warning(ServeConfig()) is None


def test_two_servers_on_one_host_do_not_share_a_cookie(tmp_path: Path) -> None:
    with (
        serving(tmp_path / "a", token="open-sesame") as one,
        serving(tmp_path / "b", token="another-word") as other,
        httpx.Client() as browser,
    ):
        # A browser sends the cookies of a host to all its ports.
        assert browser.get(one.url, params={"token": "open-sesame"}, follow_redirects=True).status_code == 200
        assert browser.get(other.url, params={"token": "another-word"}, follow_redirects=True).status_code == 200
        assert [browser.get(f"{server.url}/api/jobs").status_code for server in (one, other)] == [200, 200]
        assert len({cookie.name for cookie in browser.cookies.jar}) == 2


def test_wrong_guesses_are_slowed_for_this_client_only(tmp_path: Path) -> None:
    with serving(tmp_path, token="open-sesame") as server, httpx.Client(base_url=server.url) as client:
        client.get("/", params={"token": "open-sesame"})

        def guess(token: str, address: str) -> httpx.Response:
            # As a proxy on this machine tells.
            headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": address}
            return httpx.get(f"{server.url}/api/jobs", headers=headers)

        answers = [guess(f"wrong-{number}", "192.0.2.7").status_code for number in range(30)]
        assert answers[:10] == [401] * 10
        assert answers.count(429) >= 10
        # Another client, and a browser that has its cookie, also at the same address.
        assert guess("open-sesame", "192.0.2.8").status_code == 200
        assert client.get("/api/jobs", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 200
        until(lambda: guess("open-sesame", "192.0.2.7").status_code == 200)


def test_guesses_come_back_with_time_and_few_clients_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(guesses.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(guesses, "_MAX_CLIENTS", 3)
    counter = guesses.Guesses()
    for number in range(guesses.ALLOWED):
        # One customer has all addresses of a network.
        assert counter.may_guess(f"2001:db8::{number}")
        counter.was_wrong(f"2001:db8::{number}")
    assert not counter.may_guess("2001:db8::ffff")
    assert counter.may_guess("2001:db8:0:1::1")
    now[0] += 1.0
    assert counter.may_guess("2001:db8::1")
    counter.was_wrong("2001:db8::1")
    assert not counter.may_guess("2001:db8::1")
    now[0] += 3600.0
    for _ in range(guesses.ALLOWED):
        assert counter.may_guess("2001:db8::1")
        counter.was_wrong("2001:db8::1")
    assert not counter.may_guess("2001:db8::1")
    for address in ("a", "b", "c"):
        counter.was_wrong(address)
    assert counter.may_guess("2001:db8::1")


def test_comparing_takes_no_longer_for_a_good_beginning() -> None:
    # Both sides are hashed first, and compared by a function that looks at every byte.
    source = inspect.getsource(security._equal)
    assert "compare_digest" in source
    assert security._equal("open-sesame", "open-sesame")
    assert not security._equal("open-sesam", "open-sesame")
    assert not security._equal("\udcff", "open-sesame")
