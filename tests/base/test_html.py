"""Pages: escaped text, and a policy that lets in only the page's own style and script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lyricsrec.base.html import render, security_policy


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """A package with a page of its own."""
    name = f"pages_{abs(hash(request.node.name))}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "page.html").write_text(
        '{% extends "document.html" %}{% block title %}{{ title }}{% endblock %}\n'
        '{% block body %}<p id="it" title="{{ title }}">{{ shout(title) }}</p>{% endblock %}'
    )
    (folder / "page.css").write_text("#it { color: rgb(1, 2, 3) }")
    (folder / "page.js").write_text('document.getElementById("it").dataset.ran = "yes";')
    (folder / "bare.html").write_text('{% extends "document.html" %}{% block body %}<p>{{ missing }}</p>{% endblock %}')
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def test_the_policy_allows_what_is_named() -> None:
    assert security_policy() == "default-src 'none'; base-uri 'none'; form-action 'none'"
    assert security_policy(script="'self'", img="data:").endswith("'none'; script-src 'self'; img-src data:")


def test_values_are_escaped_and_functions_called(package: str) -> None:
    page = render(package, {"title": '<b> & "c"', "shout": str.upper})
    assert "<title>&lt;b&gt; &amp; &#34;c&#34;</title>" in page
    assert '<p id="it" title="&lt;b&gt; &amp; &#34;c&#34;">&lt;B&gt; &amp; &#34;C&#34;</p>' in page
    assert page == render(package, {"title": '<b> & "c"', "shout": str.upper})


def test_the_policy_of_a_page_holds_its_hashes(package: str) -> None:
    page = render(package, {"title": "x", "shout": str.upper}, media="file:")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert re.fullmatch(
        r"default-src &#39;none&#39;.*; style-src &#39;sha256-[\w+/]{43}=&#39;; script-src .*; media-src file:",
        policy[1],
    )
    assert "unsafe" not in page


def test_a_missing_value_is_an_error(package: str) -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError, match="missing"):
        render(package, {}, "bare")


def test_a_browser_runs_the_own_script_and_blocks_what_was_added(package: str, tmp_path: Path) -> None:
    pytest.importorskip("playwright")
    from helpers.web.browsing import CHROMIUM, chromium

    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    page = render(package, {"title": "x", "shout": str.upper})
    (tmp_path / "page.html").write_text(page, "utf-8")
    added = "<p id=added style='color:red'></p><script>document.title = 'bad'</script></html>"
    (tmp_path / "changed.html").write_text(page.replace("</html>", added), "utf-8")
    with chromium() as browser:
        opened = browser.new_page()
        problems: list[str] = []
        opened.on("console", lambda message: problems.append(message.text))
        opened.goto((tmp_path / "page.html").as_uri())
        assert opened.get_attribute("#it", "data-ran") == "yes"
        assert opened.evaluate("getComputedStyle(document.getElementById('it')).color") == "rgb(1, 2, 3)"
        assert problems == []
        opened.goto((tmp_path / "changed.html").as_uri())
        assert opened.title() == "x"
        assert opened.evaluate("getComputedStyle(document.getElementById('added')).color") == "rgb(0, 0, 0)"
        assert len([text for text in problems if "Content Security Policy" in text]) == 2
