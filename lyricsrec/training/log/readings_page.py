"""A page of validation chunks: what is sung, what each decoder reads, and the sound to listen to."""

from __future__ import annotations

import html
from pathlib import Path

import jiwer

from lyricsrec.base.output import write_text
from lyricsrec.training.log.metrics import Reading, ValidationFigures

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
td, th { border-top: 1px solid #8886; padding: .4rem; text-align: left; vertical-align: top }
th[scope=row] { white-space: nowrap; font-weight: normal; color: #888 }
.wrong { color: #d33; font-weight: 600 } .missing { color: #d33; text-decoration: line-through }
audio { width: 16rem; height: 2rem }
"""


def write_readings(figures: ValidationFigures, page: Path) -> None:
    """Write the page, one file that loads nothing but the sound. Raises OutputError when that cannot be done."""
    rates = ", ".join(f"{name} {100 * value:.1f} %" for name, value in figures.wer.items())
    rows = "".join(_row(reading) for reading in figures.readings)
    write_text(
        page,
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Step {figures.step}</title>"
        f"<style>{_STYLE}</style><h1>Step {figures.step}</h1>"
        f"<p>WER over {figures.num_words} words: {html.escape(rates)}. "
        "Red: words read that are not sung; struck out: words sung that were not read.</p>"
        f"<table>{rows}</table></html>\n",
    )


def _row(reading: Reading) -> str:
    source = f"{Path(reading.audio).as_uri()}#t={reading.start_s:.2f},{reading.end_s:.2f}"
    lines = [("sung", html.escape(reading.reference))]
    lines += [(name, _marked(reading.reference, text)) for name, text in reading.hypotheses.items()]
    inner = "".join(f"<tr><th scope='row'>{html.escape(name)}</th><td>{text}</td></tr>" for name, text in lines)
    sound = f"<audio controls preload='none' src='{html.escape(source)}'></audio>"
    return f"<tr><td>{html.escape(reading.chunk_id)}<br>{sound}</td><td><table>{inner}</table></td></tr>"


def _marked(reference: str, hypothesis: str) -> str:
    """A reading with its errors marked."""
    sung, read = reference.split(), hypothesis.split()
    if not sung:
        return html.escape(hypothesis)
    parts: list[str] = []
    for chunk in jiwer.process_words(reference, hypothesis).alignments[0]:
        missing = sung[chunk.ref_start_idx : chunk.ref_end_idx]
        words = html.escape(" ".join(read[chunk.hyp_start_idx : chunk.hyp_end_idx]))
        if chunk.type == "equal":
            parts.append(words)
            continue
        if missing:
            parts.append(f"<span class='missing'>{html.escape(' '.join(missing))}</span>")
        if words:
            parts.append(f"<span class='wrong'>{words}</span>")
    return " ".join(parts)
