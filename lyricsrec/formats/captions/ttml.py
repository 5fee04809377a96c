"""TTML: captions in XML, with the times of words in spans, as music services have them.

https://www.w3.org/TR/ttml2, and for lyrics `ttml-specification-en.md` of https://github.com/Steve-xmh/amll-ttml-db
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.sax.saxutils import escape, quoteattr

from lyricsrec.base.clock import clock
from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Format, Parsed, Problem, Source
from lyricsrec.formats.captions.ttml_times import Clock, Span, attributes, counts_from_parents, local_name, span_of
from lyricsrec.formats.timed_text import ROW_END, shown_rows, space_between, timed_rows
from lyricsrec.lyrics.languages import language_code, language_name
from lyricsrec.lyrics.retiming import TimedLine, timed_lines
from lyricsrec.lyrics.transcript import Line, Role, Transcript

_HINT = "Fix the file, or give plain lyrics as .txt."
_ROOT = re.compile(r"\s*(?:<\?xml[^>]*\?>\s*|<!--.*?-->\s*)*<(?:[\w.-]+:)?tt[\s>]", re.DOTALL)
_DECLARATION = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_BESIDE: dict[str, Role] = {"x-translation": "translation", "x-roman": "romanised"}
"""Spans of lines that are shown beside the one that is sung."""
_ANNOTATIONS = ("text", "textContainer", "delimiter")
_BACKING = "x-bg"
_SPACES = re.compile(r"[ \t\r\n]+")
_INVALID_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass
class _Row:
    """Pieces of text that are shown together, and the time where each begins."""

    span: Span
    _: KW_ONLY
    pieces: list[str] = field(default_factory=list)
    starts: list[float | None] = field(default_factory=list)
    singers: tuple[str, ...] = ()
    role: Role | None = None

    def add(self, text: str, start_s: float | None) -> None:
        """Add a piece of text; without a time, it continues the piece before."""
        text = _SPACES.sub(" ", text)
        if start_s is None and self.pieces:
            self.pieces[-1] += text
        else:
            self.pieces.append(text)
            self.starts.append(start_s)

    def lines(self) -> Iterator[Line]:
        if len(self.pieces) > 1:
            rows = timed_rows(self.pieces, [*self.starts, self.span.end_s])
        else:
            rows = shown_rows("".join(self.pieces), self.span.start_s, self.span.end_s)
        for words in rows:
            if any(c.isalnum() for word in words for c in word.text):
                yield Line(words, singers=self.singers, role=self.role)


class _Reader:
    """Reads the paragraphs of a document."""

    def __init__(self, root: Element) -> None:
        self._clock = Clock.of(root)
        self._agents = dict(_agents(root))
        self._from_parents = any(counts_from_parents(body, self._clock) for body in _named(root, "body"))
        self.lines: list[Line] = []
        self.problems: list[Problem] = []
        self._num_paragraphs = 0

    def read(self, element: Element, around: Span) -> None:
        """Read the paragraphs in an element; one with an invalid time is reported."""
        for child in element:
            if local_name(child.tag) == "p":
                self._num_paragraphs += 1
                try:
                    self.lines += self._paragraph(child, around)
                except ValueError as error:
                    self.problems.append(Problem(f"paragraph {self._num_paragraphs}: {error}"))
            else:
                try:
                    span = self._span(child, around)
                except ValueError as error:
                    self.problems.append(Problem(f"<{local_name(child.tag)}>: {error}"))
                    span = around
                self.read(child, span)

    def _span(self, element: Element, around: Span) -> Span:
        return span_of(element, self._clock, (around.start_s or 0.0) if self._from_parents else 0.0)

    def _paragraph(self, element: Element, around: Span) -> list[Line]:
        names = attributes(element).get("agent", "").split()
        span = self._span(element, around)
        row = _Row(span, singers=tuple(self._agents.get(name, name) for name in names))
        backing: list[_Row] = []
        self._fill(row, element, span, backing)
        return [line for filled in (row, *backing) for line in filled.lines()]

    def _fill(self, row: _Row, element: Element, around: Span, backing: list[_Row]) -> None:
        row.add(element.text or "", around.start_s)
        for child in element:
            given = attributes(child)
            name = local_name(child.tag)
            end_s = None
            if name == "br":
                row.add(ROW_END, None)
            elif given.get("role") == _BACKING:
                span = self._span(child, around)
                backing.append(_Row(span, singers=row.singers, role="backing"))
                self._fill(backing[-1], child, span, backing)
            elif (beside := _BESIDE.get(given.get("role", ""))) is not None:
                span = self._span(child, around)
                span = around if span.start_s is None else span
                backing.append(_Row(span, singers=row.singers, role=beside))
                self._fill(backing[-1], child, span, backing)
            elif name == "span" and given.get("ruby") not in _ANNOTATIONS:
                span = self._span(child, around)
                self._fill(row, child, span, backing)
                end_s = span.end_s
            row.add(child.tail or "", end_s)


def _agents(root: Element) -> Iterator[tuple[str, str]]:
    """The names of singers by their ids."""
    for agent in _named(root, "agent"):
        name = next((child.text.strip() for child in agent if local_name(child.tag) == "name" and child.text), "")
        if name and (key := attributes(agent).get("id")):
            yield key, name


def _named(root: Element, name: str) -> list[Element]:
    return [element for element in root.iter() if local_name(element.tag) == name]


def _sniff(source: Source) -> bool:
    return _ROOT.match(source.text) is not None


def _parse(source: Source) -> Parsed:
    """One line for each row of a paragraph. Raises DataError for what is not TTML, or declares entities."""
    if _DECLARATION.search(source.text):
        raise DataError(f"{source.name}: it declares a document type or entities, which are not read", _HINT)
    try:
        root = fromstring(source.text)
        if local_name(root.tag) != "tt":
            raise DataError(f"{source.name}: not a TTML file, but XML of <{local_name(root.tag)[:24]}>", _HINT)
        reader = _Reader(root)
        for body in _named(root, "body"):
            reader.read(body, span_of(body, Clock.of(root)))
    except (ParseError, RecursionError, ValueError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise DataError(f"{source.name}: not a TTML file ({reason})", _HINT) from None
    language = attributes(root).get("lang", "").split("-")[0]
    return Parsed(tuple(reader.lines), language_name(language), problems=tuple(reader.problems))


def _write(transcript: Transcript) -> str:
    lines = list(timed_lines(transcript))
    language = language_code(language_name(transcript.provenance.language)) or "und"
    agents = {name: f"v{number}" for number, name in enumerate(_singers(lines), 1)}
    body = "".join(f"    {_paragraph(group, agents)}\n" for group in _groups(lines))
    metadata = "".join(
        f'<ttm:agent type="person" xml:id="{key}"><ttm:name>{_escaped(name)}</ttm:name></ttm:agent>'
        for name, key in agents.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" '
        f'xmlns:itunes="http://itunes.apple.com/lyric-ttml-extensions" itunes:timing="Word" '
        f"xml:lang={quoteattr(language)}>\n"
        f"  <head><metadata><ttm:title>{_escaped(transcript.song)}</ttm:title>{metadata}</metadata></head>\n"
        f'  <body dur="{_stamp(transcript.duration_s)}"><div>\n{body}  </div></body>\n'
        "</tt>\n"
    )


def _singers(lines: Sequence[TimedLine]) -> list[str]:
    return list(dict.fromkeys(name for line in lines for name in line.singers))


def _groups(lines: Sequence[TimedLine]) -> list[list[TimedLine]]:
    """Sung lines, each with those that are shown beside it."""
    groups: list[list[TimedLine]] = []
    for line in lines:
        if line.role in _BESIDE.values() and groups and groups[-1][0].start_s == line.start_s:
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _paragraph(group: Sequence[TimedLine], agents: Mapping[str, str]) -> str:
    line = group[0]
    roles = {role: name for name, role in _BESIDE.items()}
    spans = "".join(
        f'<span ttm:role="{roles[other.role]}">{_spans(other)}</span>' if other.role in roles else _spans(other)
        for other in group
    )
    if line.role == "backing":
        spans = f'<span ttm:role="{_BACKING}">{spans}</span>'
    agent = f' ttm:agent="{" ".join(agents[name] for name in line.singers)}"' if line.singers else ""
    return f'<p begin="{_stamp(line.start_s)}" end="{_stamp(line.end_s)}"{agent}>{spans}</p>'


def _spans(line: TimedLine) -> str:
    texts = [word.text for word in line.words]
    return "".join(
        f'<span begin="{_stamp(word.start_s)}" end="{_stamp(word.end_s)}">{_escaped(word.text)}</span>'
        + space_between(word.text, after)
        for word, after in zip(line.words, [*texts[1:], ""], strict=True)
    )


def _escaped(text: str) -> str:
    return escape(_INVALID_IN_XML.sub("\ufffd", text))


def _stamp(seconds: float) -> str:
    return clock(max(seconds, 0.0), 3, minute_digits=2, hour_digits=2)


TTML = Format(
    "ttml",
    (".ttml", ".dfxp", ".itt"),
    "TTML captions with the times of words",
    sniff=_sniff,
    parse=_parse,
    write=_write,
    media_type="application/ttml+xml",
)
