"""Plots as SVG inside a page: with the page's light and dark colours, real text, and unique ids."""

from __future__ import annotations

import html
import io
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from lyricsrec.base.mpl import new_figure, save_figure

INK, QUIET, RULE = "#000001", "#000002", "#000003"
"""Placeholders for the page's colours of text, secondary text and rules."""

KINDS = {"substitute": "#000011", "delete": "#000012", "insert": "#000013"}
"""Placeholders for the page's colours of error types."""

NUM_COLOURS = 10
"""The number of systems that get distinct colours."""

_TIP = "tip:"
_IN_PAGE = {
    INK: "currentColor",
    QUIET: "var(--quiet)",
    RULE: "var(--rule)",
    **{colour: f"var(--{kind})" for kind, colour in KINDS.items()},
    **{f"#0001{i:02x}": f"var(--system-{i})" for i in range(NUM_COLOURS)},
}
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.labelsize": 9,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "text.color": INK,
    "axes.labelcolor": QUIET,
    "axes.edgecolor": RULE,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.6,
    "text.parse_math": False,
}
_MARKERS = "osD^vPX*<>"
_TITLE_LENGTH = 46
_HANDLE_WIDTH, _LETTER_WIDTH = 0.7, 0.075
_KEY_ROWS, _MARKS_IN_ROW = 2, 10
_LINES = 'stroke-linejoin="round" stroke-linecap="butt"'
_REFERENCE = re.compile(r'(url\(#|href="#)([^)"]+)')


@dataclass(frozen=True)
class Plot:
    """A plot with its title and a caption that explains it, or says why there is no `svg`."""

    name: str
    title: str
    caption: str
    _: KW_ONLY
    svg: str = ""


def system_mark(number: int) -> str:
    """The letter of a system, which does not rely on colour: A, B, C."""
    return chr(ord("A") + number) if number < 26 else str(number + 1)


def system_colour(number: int) -> str:
    """The placeholder for the page's colour of a system."""
    return f"#0001{number % NUM_COLOURS:02x}"


def system_marker(number: int) -> str:
    """The marker of a system."""
    return _MARKERS[number % len(_MARKERS)]


def add_tip(artist: Any, text: str, anchor: str = "") -> None:
    """Give a part of a plot a tooltip, and a link within the page."""
    artist.set_gid(_TIP + text)
    if anchor:
        artist.set_url(f"#{anchor}")


def add_key(axis: Any, names: Sequence[str]) -> None:
    """Add a legend of systems above the plot: by name, or by letter where names need too much room."""
    if len(names) < 2:
        return
    from matplotlib.lines import Line2D

    labels = [system_label(names, i) for i in range(len(names))]
    columns = int(axis.figure.get_figwidth() / (_HANDLE_WIDTH + _LETTER_WIDTH * max(map(len, labels))))
    if len(names) > _KEY_ROWS * columns:
        labels = [system_mark(i) for i in range(len(names))]
        columns = _MARKS_IN_ROW
    handles = [
        Line2D([], [], color=system_colour(i), marker=system_marker(i), markersize=4.5, label=label)
        for i, label in enumerate(labels)
    ]
    columns = min(len(names), columns)
    axis.legend(
        handles=handles,
        ncols=columns,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0,
        columnspacing=1.2,
        handlelength=1.6,
    )


def system_label(names: Sequence[str], number: int) -> str:
    """The label of a system in a plot."""
    return f"{system_mark(number)}  {shortened(names[number])}" if len(names) > 1 else names[number]


def shortened(text: str) -> str:
    """A name, cut to leave room for the plot."""
    return text if len(text) <= _TITLE_LENGTH else text[: _TITLE_LENGTH - 1] + "…"


def draw(name: str, alt: str, paint: Callable[[Any], None], *, width: float = 6.2, height: float = 3.4) -> str:
    """What `paint` draws on axes of `width` by `height` inches, as SVG; `name` is the prefix of its ids."""
    from matplotlib import rc_context

    file = io.BytesIO()
    with rc_context(_STYLE), warnings.catch_warnings():
        # matplotlib's font lacks some scripts, but the browser draws the text.
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        warnings.filterwarnings("ignore", ".*Matplotlib currently does not support", UserWarning)
        figure, axes = new_figure(1, 1, width, height)
        paint(axes[0][0])
        save_figure(figure, file, "svg")
    return _inlined(file.getvalue().decode("utf-8"), name, alt)


def _inlined(svg: str, name: str, alt: str) -> str:
    """An SVG file as an element for the page."""
    body = svg[svg.index("<svg") :].strip()
    body = re.sub(r"<(metadata|style)\b.*?</\1>", "", body, flags=re.DOTALL)
    body = re.sub(rf"<g id=(['\"]){_TIP}(.*?)\1>", r"<g><title>\2</title>", body, flags=re.DOTALL)
    body = re.sub(r' style="([^"]*)"', lambda found: _attributes(found[1]), body).replace(' target="_blank"', "")
    body = re.sub(r' xmlns(:\w+)?="[^"]*"', "", body).replace("xlink:href", "href")
    body = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", body))
    body = re.sub(r' (d|x|y|transform)="[^"]*"', lambda found: _shortened(found[0]), body)
    body = _own_ids(body, name)
    for placeholder, colour in _IN_PAGE.items():
        body = body.replace(placeholder, colour)
    # The role "img" would hide links.
    role = "group" if "<a " in body else "img"
    return body.replace("<svg", f'<svg role="{role}" aria-label="{html.escape(alt)}" {_LINES}', 1)


def _attributes(style: str) -> str:
    """A style as attributes, which the page's policy allows; font families are left to the page."""
    pairs = (declaration.partition(":") for declaration in style.split(";") if declaration.strip())
    return "".join(f' {name.strip()}="{value.strip()}"' for name, _, value in pairs if name.strip() != "font-family")


def _shortened(attribute: str) -> str:
    return re.sub(r"(\.\d\d)\d+", r"\1", attribute).replace("\n", " ")


def _own_ids(body: str, name: str) -> str:
    """Prefix the ids that are referenced with the plot's name, and remove the others."""
    ids = set(re.findall(r' id="([^"]+)"', body))
    used = {found for _, found in _REFERENCE.findall(body)} & ids
    body = re.sub(r' id="([^"]+)"', lambda found: f' id="{name}-{found[1]}"' if found[1] in used else "", body)
    return _REFERENCE.sub(lambda found: found[1] + (f"{name}-{found[2]}" if found[2] in used else found[2]), body)
