"""A transcript as text: lyrics sheets, LRC, subtitles, karaoke, labels.

Every writer is a pure function of the transcript. Lines and words without a time are kept in the untimed formats and
left out of the timed ones where the format has no way to say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass, replace

from lyricsrec.base.clock import clock
from lyricsrec.base.errors import UsageError
from lyricsrec.lyrics.transcript import Line, Transcript, Word


@dataclass(frozen=True)
class Format:
    """An output format: what `--format` calls it, how its files end, what it is."""

    name: str
    suffix: str
    description: str
    _: KW_ONLY
    render: Callable[[Transcript], str]


@dataclass(frozen=True)
class _Timed:
    """A line with all its times known."""

    start_s: float
    end_s: float
    words: tuple[tuple[float, float, str], ...]

    @property
    def text(self) -> str:
        return " ".join(text for _, _, text in self.words)


def _timed_lines(transcript: Transcript) -> Iterator[_Timed]:
    """Lines with a start, shown no longer than until the next begins; unplaced words share the gap around them."""
    timed = [t for line in transcript.lines if (t := _timed_line(line)) is not None]
    for i, line in enumerate(timed):
        limit = timed[i + 1].start_s if i + 1 < len(timed) else max(transcript.duration_s, line.end_s)
        yield replace(line, end_s=max(min(line.end_s, limit), line.start_s))


def _timed_line(line: Line) -> _Timed | None:
    start_s, end_s = line.start_s, line.end_s
    if start_s is None or end_s is None:
        return None
    words: list[tuple[float, float, str]] = []
    at_s = start_s
    for i, word in enumerate(line.words):
        following_s = _next_start(line.words[i + 1 :], end_s)
        begin_s = word.start_s if word.start_s is not None else at_s
        at_s = word.end_s if word.end_s is not None else following_s
        words.append((begin_s, max(at_s, begin_s), word.text))
    return _Timed(start_s, end_s, tuple(words))


def _next_start(words: tuple[Word, ...], end_s: float) -> float:
    return next((word.start_s for word in words if word.start_s is not None), end_s)


def _to_txt(transcript: Transcript) -> str:
    return transcript.text + "\n" if transcript.lines else ""


def _to_json(transcript: Transcript) -> str:
    return transcript.to_json() + "\n"


def _lrc_clock(seconds: float) -> str:
    return clock(max(seconds, 0.0), 2, minute_digits=2)


def _lrc(transcript: Transcript, body: Callable[[_Timed], str]) -> str:
    header = [
        f"[ti:{transcript.song}]",
        f"[length:{_lrc_clock(transcript.duration_s)}]",
        f"[re:lyricsrec {transcript.provenance.lyricsrec}]",
    ]
    rows: list[str] = []
    timed = list(_timed_lines(transcript))
    for i, line in enumerate(timed):
        rows.append(f"[{_lrc_clock(line.start_s)}]{body(line)}")
        # An empty row clears the display in a break; players would show the line through it otherwise.
        if i + 1 < len(timed) and timed[i + 1].start_s - line.end_s > 5:
            rows.append(f"[{_lrc_clock(line.end_s)}]")
    return "\n".join([*header, *rows]) + "\n"


def _to_lrc(transcript: Transcript) -> str:
    return _lrc(transcript, lambda line: line.text)


def _to_enhanced_lrc(transcript: Transcript) -> str:
    def body(line: _Timed) -> str:
        words = " ".join(f"<{_lrc_clock(start_s)}> {text}" for start_s, _, text in line.words)
        return f" {words} <{_lrc_clock(line.end_s)}>"

    return _lrc(transcript, body)


def _cue_clock(seconds: float, mark: str = ".") -> str:
    return clock(max(seconds, 0.0), 3, hour_digits=2, mark=mark)


def _to_srt(transcript: Transcript) -> str:
    return "\n".join(
        f"{i}\n{_cue_clock(line.start_s, ',')} --> {_cue_clock(line.end_s, ',')}\n{line.text}\n"
        for i, line in enumerate(_timed_lines(transcript), 1)
    )


def _to_vtt(transcript: Transcript) -> str:
    cues = [
        f"{_cue_clock(line.start_s)} --> {_cue_clock(line.end_s)}\n{_vtt_text(line)}\n"
        for line in _timed_lines(transcript)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _vtt_text(line: _Timed) -> str:
    first, *others = [
        (start_s, text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
        for start_s, _, text in line.words
    ]
    # WebVTT wants the times inside a cue to grow strictly, and to lie inside it.
    parts, last_s = [first[1]], line.start_s
    for start_s, text in others:
        if round(start_s, 3) > round(last_s, 3) and start_s < line.end_s:
            parts.append(f"<{_cue_clock(start_s)}><c>{text}</c>")
            last_s = start_s
        else:
            parts.append(text)
    return " ".join(parts)


_ASS_HEADER = """[Script Info]
Title: {title}
ScriptType: v4.00+
WrapStyle: 0
ScaledBorderAndShadow: yes
PlayResX: 1280
PlayResY: 720

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Karaoke,Arial,52,&H0000D7FF,&H00FFFFFF,&H00202020,&H80000000,-1,0,0,0,100,100,0,0,1,3,0,2,40,40,60,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


def _ass_clock(seconds: float) -> str:
    return clock(max(seconds, 0.0), 2, hour_digits=1)


def _to_ass(transcript: Transcript) -> str:
    events = [
        f"Dialogue: 0,{_ass_clock(line.start_s)},{_ass_clock(line.end_s)},Karaoke,,0,0,0,,{_ass_text(line)}\n"
        for line in _timed_lines(transcript)
    ]
    return _ASS_HEADER.format(title=transcript.song) + "".join(events)


def _ass_text(line: _Timed) -> str:
    """Words with `\\kf` fills in hundredths of a second; pauses are fills of nothing, so rounding never adds up."""
    origin = round(line.start_s * 100)
    done = 0
    parts: list[str] = []
    for start_s, end_s, text in line.words:
        start, end = (
            min(max(round(t * 100) - origin, done), round(line.end_s * 100) - origin) for t in (start_s, end_s)
        )
        start, end = max(start, done), max(end, start, done)
        if start > done:
            parts.append(f"{{\\k{start - done}}}")
        # Braces open commands and a backslash begins one: neither may come from the lyrics.
        clean = text.replace("\\", "/").replace("{", "(").replace("}", ")")
        parts.append(f"{{\\kf{end - start}}}{clean} ")
        done = end
    return "".join(parts).rstrip()


def _to_textgrid(transcript: Transcript) -> str:
    """Praat's long text form, one tier of lines and one of words; gaps are empty intervals."""
    lines = list(_timed_lines(transcript))
    line_marks = [(line.start_s, line.end_s, line.text) for line in lines]
    word_marks = [word for line in lines for word in line.words]
    end_s = max([transcript.duration_s, *(mark[1] for mark in line_marks + word_marks)])
    rows = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0",
        f"xmax = {end_s:.6f}",
        "tiers? <exists>",
        "size = 2",
        "item []:",
    ]
    for number, (name, marks) in enumerate([("lines", line_marks), ("words", word_marks)], 1):
        intervals = list(_intervals(marks, end_s))
        rows += [
            f"    item [{number}]:",
            '        class = "IntervalTier"',
            f'        name = "{name}"',
            "        xmin = 0",
            f"        xmax = {end_s:.6f}",
            f"        intervals: size = {len(intervals)}",
        ]
        for i, (start_s, stop_s, text) in enumerate(intervals, 1):
            quoted = text.replace('"', '""')
            rows += [
                f"        intervals [{i}]:",
                f"            xmin = {start_s:.6f}",
                f"            xmax = {stop_s:.6f}",
                f'            text = "{quoted}"',
            ]
    return "\n".join(rows) + "\n"


def _intervals(marks: list[tuple[float, float, str]], end_s: float) -> Iterator[tuple[float, float, str]]:
    """Intervals that follow each other from 0 to `end_s` without gap or overlap, none of them empty in time."""
    shortest = 1e-3
    done_s = 0.0
    for i, (start_s, stop_s, text) in enumerate(marks):
        first_s = max(start_s, done_s)
        limit_s = max(marks[i + 1][0], first_s + shortest) if i + 1 < len(marks) else end_s
        last_s = min(max(stop_s, first_s + shortest), limit_s)
        if last_s - first_s < shortest / 2:
            continue
        if first_s - done_s >= shortest:
            yield done_s, first_s, ""
            done_s = first_s
        yield done_s, last_s, text
        done_s = last_s
    if end_s > done_s:
        yield done_s, end_s, ""


def _to_audacity(transcript: Transcript) -> str:
    return "".join(
        f"{start_s:.6f}\t{end_s:.6f}\t{text}\n"
        for line in _timed_lines(transcript)
        for start_s, end_s, text in line.words
    )


FORMATS: dict[str, Format] = {
    form.name: form
    for form in [
        Format("txt", ".txt", "plain lyrics, one line a line", render=_to_txt),
        Format("lrc", ".lrc", "LRC: a time for each line", render=_to_lrc),
        Format("elrc", ".elrc", "enhanced LRC: a time for each word", render=_to_enhanced_lrc),
        Format("srt", ".srt", "SubRip subtitles", render=_to_srt),
        Format("vtt", ".vtt", "WebVTT subtitles with word times", render=_to_vtt),
        Format("ass", ".ass", "Advanced SubStation subtitles with karaoke timing", render=_to_ass),
        Format("json", ".json", "everything, with confidences and provenance", render=_to_json),
        Format("textgrid", ".TextGrid", "Praat TextGrid with a tier of lines and one of words", render=_to_textgrid),
        Format("audacity", ".labels.txt", "Audacity label track of words", render=_to_audacity),
    ]
}


def get_format(name: str) -> Format:
    """The format called `name`, in any case.

    Raises UsageError for a name that no format has.
    """
    try:
        return FORMATS[name.lower()]
    except KeyError:
        raise UsageError(f"unknown format '{name}'", f"Known formats: {', '.join(FORMATS)}.") from None


def format_of_file(file_name: str) -> Format | None:
    """The format whose files end like `file_name`, or None; the longest ending wins."""
    fits = [form for form in FORMATS.values() if file_name.lower().endswith(form.suffix.lower())]
    return max(fits, key=lambda form: len(form.suffix), default=None)
