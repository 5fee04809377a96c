"""HTML pages: Jinja templates with escaping, and one strict Content-Security-Policy.

A page's template, style and script lie beside the module that fills them in (`page.html`, `page.css`, `page.js`). The
template extends `document.html` and fills its blocks `title` and `body`. The policy allows exactly that style and that
script, by their hashes: style attributes and event attributes in the markup are blocked, so templates use classes and
`data-` attributes, and scripts set styles through the DOM.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def security_policy(**sources: str) -> str:
    """A Content-Security-Policy that blocks everything except the sources given, such as `script="'self'"`.

    The keywords are the names of the directives without `-src`.
    """
    allowed = "".join(f"; {kind}-src {source}" for kind, source in sources.items())
    return f"default-src 'none'; base-uri 'none'; form-action 'none'{allowed}"


def render(package: str, values: Mapping[str, object], name: str = "page", **sources: str) -> str:
    """The page that a package's template `name`.html makes of `values`; functions in `values` can be called in it.

    `sources` are what the page may load besides its own style and script, as for `security_policy`. The same values
    give the same page.
    """
    style, script = _asset(package, f"{name}.css"), _asset(package, f"{name}.js")
    own = {kind: _hash_source(text) for kind, text in (("style", style), ("script", script)) if text}
    policy = security_policy(**own, **sources)
    template = _environment(package).get_template(f"{name}.html")
    return template.render(values, policy=policy, style=style, script=script)


def _asset(package: str, name: str) -> str:
    """A text file of a package; empty where there is none."""
    file = resources.files(package).joinpath(name)
    return file.read_text("utf-8") if file.is_file() else ""


def _hash_source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@lru_cache(maxsize=8)
def _environment(package: str) -> Environment:
    # Imported when first used: the server needs only the policy.
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=ChoiceLoader([PackageLoader(name, "") for name in (package, "lyricsrec.base")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
