"""The page as an installed app: its manifest, and the service worker, which keeps the files of the page alone."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright")
pytest.importorskip("fastapi")

from helpers.web.browsing import CHROMIUM, until
from helpers.web.served import Served, serving
from PIL import Image
from playwright.sync_api import Browser, expect

from lyricsrec.version import VERSION
from lyricsrec.web.api import page as files

pytest_plugins = ["helpers.web.opened"]
TOKEN = "a-token-that-nobody-guesses"
KEPT = """(async () => { const found = []; for (const name of await caches.keys())
  for (const request of await (await caches.open(name)).keys()) found.push([name, new URL(request.url).pathname]);
  return found; })()"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("data"), token=TOKEN) as server:
        yield server


def shell(server: Served) -> dict[str, Any]:
    text = server.client.get("/service-worker.js").text
    found: dict[str, Any] = json.loads(text.partition("\n")[0].removeprefix("self.SHELL = ").removesuffix(";"))
    return found


def test_the_manifest_names_icons_that_exist(server: Served) -> None:
    answer = server.client.get("/static/manifest.webmanifest")
    assert answer.headers["content-type"].startswith("application/manifest+json")
    manifest = answer.json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("../", "../", "standalone")
    for icon in manifest["icons"][1:]:
        image = Image.open(io.BytesIO(server.client.get(f"/static/{icon['src']}").content))
        assert f"{image.width}x{image.height}" == icon["sizes"]
    assert "manifest-src 'self'" in answer.headers["content-security-policy"]


def test_the_worker_lists_all_files_of_the_page_and_a_new_version_is_another_worker(
    server: Served, tmp_path: Path
) -> None:
    found = shell(server)
    assert found["version"].startswith(f"{VERSION}-")
    assert {"./", "static/app.js", "static/languages/de.json", "static/icon-192.png"} <= set(found["files"])
    assert all(server.client.get(f"/{name.removeprefix('./')}").status_code == 200 for name in found["files"])
    for text in ("one", "two"):
        (tmp_path / "index.html").write_text(text)
        (tmp_path / "service_worker.js").write_text("")
        found[text] = files.Page(tmp_path)._files["service_worker.js"].body
    assert found["one"] != found["two"]
    assert server.client.get("/service-worker.js").headers["cache-control"] == "no-cache"


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_the_page_opens_without_the_server_and_no_answer_or_song_is_kept(server: Served, browser: Browser) -> None:
    job = server.add("A song.wav")
    server.finish(job)
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{server.url}/?token={TOKEN}")
    page.wait_for_selector("body[data-view]")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    until(page, "navigator.serviceWorker.controller !== null")
    page.goto(f"{server.url}/#job={job.id}")
    page.wait_for_selector("#lyrics .line")
    page.reload()
    page.wait_for_selector("#lyrics .line")
    found = shell(server)
    kept = page.evaluate(KEPT)
    assert {name for name, _ in kept} == {f"lyricsrec-{found['version']}"}
    assert sorted(path for _, path in kept) == sorted(f"/{name.removeprefix('./')}" for name in found["files"])
    context.set_offline(True)
    page.goto(f"{server.url}/#")
    page.reload()
    expect(page.locator("#home-title")).to_have_text("Vom Song zum Songtext")
    expect(page.locator("#queue-loading")).to_contain_text("Der Server antwortet nicht")
    context.close()
    assert all(url.startswith(server.url) for url in asked)
    assert errors == []
