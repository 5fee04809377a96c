"""Pages of other sites in a real browser that has the server's access token."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

pytest.importorskip("playwright")

from helpers.web.browsing import CHROMIUM, until
from helpers.web.served import Served, serving
from playwright.sync_api import Browser, BrowserContext, Page, expect

pytest_plugins = ["helpers.web.opened"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

TOKEN = "open-sesame"


class Empty(BaseHTTPRequestHandler):
    """An empty page of another site, in which the tests run scripts."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Elsewhere</title>")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("locked"), token=TOKEN) as server:
        yield server


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The address of another site: for a browser, localhost and 127.0.0.1 are different sites."""
    with HTTPServer(("127.0.0.1", 0), Empty) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        yield f"http://localhost:{other.server_port}/"
        other.shutdown()
        thread.join()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


def follow_link(page: Page, elsewhere: str, address: str) -> None:
    """Go to an address by a link on another site's page."""
    page.goto(elsewhere)
    page.evaluate(
        """address => {
      document.body.innerHTML = "<a>Go</a>";
      document.querySelector("a").href = address;
    }""",
        address,
    )
    page.click("a")


def test_a_link_with_the_token_opens_the_page(context: BrowserContext, server: Served, elsewhere: str) -> None:
    page = context.new_page()
    follow_link(page, elsewhere, f"{server.url}/?token={TOKEN}")
    expect(page).to_have_title("lyricsrec")
    assert page.url == f"{server.url}/"
    # The cookie is stored: a link without the token works too.
    follow_link(page, elsewhere, f"{server.url}/")
    expect(page).to_have_title("lyricsrec")


ASK = """async ([url, options]) => {
  const answer = await fetch(url, options).catch((error) => null);
  return answer && answer.type !== "opaque" ? answer.status : 0;
}"""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_pages_of_other_sites_change_and_read_nothing(
    context: BrowserContext, server: Served, elsewhere: str, host: str
) -> None:
    job = server.add()
    job_url = f"{server.url}/api/jobs/{job.id}"
    page = context.new_page()
    page.goto(f"{server.url}/?token={TOKEN}")
    expect(page).to_have_title("lyricsrec")
    # Another site, or another origin on the same site: cookies are sent to all ports.
    page.goto(elsewhere.replace("localhost", host))
    asked = [
        (f"{job_url}/cancel", {"method": "POST", "mode": "no-cors", "credentials": "include"}),
        (f"{job_url}/cancel", {"method": "POST", "credentials": "include"}),
        (job_url, {"method": "DELETE", "credentials": "include"}),
        (f"{job_url}/transcript", {"method": "PUT", "credentials": "include", "body": "{}"}),
        (job_url, {"credentials": "include"}),
        (job_url, {"mode": "no-cors", "credentials": "include"}),
    ]
    assert [page.evaluate(ASK, request) for request in asked] == [0] * len(asked)
    page.evaluate(
        """address => {
      document.body.innerHTML = "<form method=post enctype='multipart/form-data'></form>";
      document.forms[0].action = address;
      document.forms[0].submit();
    }""",
        f"{job_url}/cancel",
    )
    expect(page.locator("body")).to_contain_text("requests from pages of other sites are refused")
    assert server.client.get(job_url).json()["state"] == "queued"


def test_events_of_a_finished_job_are_not_requested_again(context: BrowserContext, server: Served) -> None:
    job = server.add()
    page = context.new_page()
    asked: list[int] = []
    page.on("response", lambda answer: asked.append(answer.status) if job.id in answer.url else None)
    page.goto(f"{server.url}/?token={TOKEN}")
    page.evaluate("id => { globalThis.source = new EventSource(`api/jobs/${id}/events`); }", job.id)
    server.client.post(f"/api/jobs/{job.id}/cancel")
    until(page, "source.readyState === EventSource.CLOSED")
    assert asked == [200, 204]
