"""The melody of a song: the pitch of its voice is kept, and cut into the notes of the words as they are now."""

from __future__ import annotations

from dataclasses import KW_ONLY, asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from lyricsrec.base.output import write_text
from lyricsrec.base.progress import Progress
from lyricsrec.lyrics.music.harmony import Beats
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.separation.base import NoSeparator
from lyricsrec.web.follow_ups.base import FollowUp, Material


@dataclass(frozen=True)
class _Kept:
    """What was measured of a voice, as in `Tracked`."""

    hop_s: float
    _: KW_ONLY
    hertz: tuple[float, ...]
    confidence: tuple[float, ...]
    onset: tuple[float, ...]
    beats: Beats | None


_FILE = TypeAdapter(_Kept)


def _make(material: Material, path: Path, progress: Progress) -> None:
    """Track the voice: that of the vocals track where it exists, which saves the separation."""
    from lyricsrec.audio.media import open_path
    from lyricsrec.music.harmony.beats import find_beats
    from lyricsrec.music.melody.melody import track_voice
    from lyricsrec.recognition.acoustic import to_recognizer

    vocals = material.folder.stem("vocals")
    with material.open_song() as song:
        if vocals.is_file():
            beats = find_beats(next(iter(song.blocks())))
            with open_path(vocals) as voice:
                tracked = track_voice(voice, NoSeparator(), to_recognizer, progress=progress)
        else:
            tracked = track_voice(song, material.separator(progress), to_recognizer, progress=progress)
            beats = tracked.beats
    measured = tracked.voice
    kept = _Kept(
        measured.hop_s,
        hertz=tuple(measured.hertz.round(2).tolist()),
        confidence=tuple(measured.confidence.round(3).tolist()),
        onset=tuple(measured.onset.round(5).tolist()),
        beats=beats,
    )
    write_text(path, _FILE.dump_json(kept).decode())


def _add(transcript: Transcript, path: Path) -> Transcript:
    import numpy as np

    from lyricsrec.music.melody.melody import Tracked, with_melody
    from lyricsrec.music.melody.notes import Voice

    kept = _FILE.validate_json(path.read_bytes())
    hertz, confidence, onset = (np.asarray(values) for values in (kept.hertz, kept.confidence, kept.onset))
    return with_melody(transcript, Tracked(Voice(hertz, confidence, onset, hop_s=kept.hop_s), kept.beats))


def _show(transcript: Transcript) -> dict[str, Any]:
    assert transcript.melody is not None
    return {
        "tuning_cents": transcript.melody.tuning_cents,
        "notes": [asdict(note) for note in transcript.melody.notes],
    }


MELODY = FollowUp("melody", make=_make, add=_add, show=_show, extra="melody", modules=("swift_f0", "onnxruntime"))
