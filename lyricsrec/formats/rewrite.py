"""Given lyrics with corrected times, in the form in which they came."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from lyricsrec.base.errors import UsageError
from lyricsrec.base.text_encoding import decode, encode_like
from lyricsrec.formats.dali.edit import retime_entry
from lyricsrec.formats.dali.entry import entry_of_json, read_entry
from lyricsrec.formats.dali.export import entry_bytes
from lyricsrec.formats.lrc import retime_lrc
from lyricsrec.formats.read import Lyrics
from lyricsrec.formats.subtitles import retime_subtitles
from lyricsrec.formats.ultrastar_edit import retime_ultrastar
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import Transcript

_SUFFIXES = {
    "lrc": (".lrc", ".elrc"),
    "srt": (".srt",),
    "vtt": (".vtt",),
    "json": (".json",),
    "ultrastar": (".txt",),
    "dali": (".gz", ".json"),
}
"""The endings of files in which each form can be written back."""


@dataclass(frozen=True)
class Rewritten:
    """A corrected file, and the lines that stayed although they were to move: their form has no room for them."""

    data: bytes
    unmoved: tuple[int, ...] = ()


def keeps_form(lyrics: Lyrics, path: Path) -> bool:
    """Whether a file of this name is of the form in which the lyrics came."""
    return path.suffix.lower() in _SUFFIXES.get(lyrics.form, ())


def rewritten(lyrics: Lyrics, retiming: Retiming, suffix: str) -> Rewritten:
    """The bytes of the lyrics' file with its times corrected, and everything else kept.

    `suffix` is the ending of the file to come: a DALI entry can be written as `.gz` and `.json`. Raises UsageError for
    plain lyrics, which have no times.
    """
    if retiming.changes_nothing and lyrics.path is not None and suffix.lower() == lyrics.path.suffix.lower():
        return Rewritten(lyrics.data)
    if lyrics.form in ("ultrastar", "dali"):
        moves_s = {lyrics.numbers[line]: move_s for line, move_s in retiming.moves_s.items()}
        in_source = replace(retiming, moves_s=moves_s)
        if lyrics.form == "dali":
            return Rewritten(_dali(lyrics, in_source, suffix))
        edited = retime_ultrastar(lyrics.data, in_source)
        return Rewritten(edited.data, tuple(lyrics.numbers.index(line) for line in edited.unmoved))
    text, _ = decode(lyrics.data)
    if lyrics.form == "lrc":
        text = retime_lrc(text, lyrics.name, retiming.at)
    elif lyrics.form in ("srt", "vtt"):
        text = retime_subtitles(text, lyrics.form, lyrics.name, retiming.at)
    elif lyrics.form == "json":
        transcript = Transcript.from_json(text)
        text = replace(transcript, lines=retiming.lines(transcript.lines)).to_json() + "\n"
    else:
        raise UsageError(f"{lyrics.name} has no times to correct")
    return Rewritten(encode_like(lyrics.data, text, lyrics.encoding))


def _dali(lyrics: Lyrics, retiming: Retiming, suffix: str) -> bytes:
    packed = lyrics.path is not None and lyrics.path.suffix.lower() == ".gz"
    entry = read_entry(lyrics.path) if packed and lyrics.path else entry_of_json(json.loads(lyrics.data), lyrics.name)
    return entry_bytes(retime_entry(entry, retiming), "json" if suffix.lower() == ".json" else "gz")
