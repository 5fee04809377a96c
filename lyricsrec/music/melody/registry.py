"""Every kind of file that `lyricsrec melody` writes; one more is one file and one row here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

from lyricsrec.base.errors import UsageError
from lyricsrec.formats.karaoke.ultrastar_writer import UltraStarConfig, write_ultrastar
from lyricsrec.formats.melody.midi import write_midi
from lyricsrec.formats.melody.musicxml import write_musicxml
from lyricsrec.formats.melody.pitch_table import write_pitch_table
from lyricsrec.lyrics.transcript import Transcript


@dataclass(frozen=True)
class MelodyFormat:
    """A kind of file: its name in `--format`, how its files end, and what writes one."""

    name: str
    suffix: str
    description: str
    _: KW_ONLY
    write: Callable[[Transcript, UltraStarConfig], bytes]


def _text(write: Callable[[Transcript], str]) -> Callable[[Transcript, UltraStarConfig], bytes]:
    return lambda transcript, _config: write(transcript).encode("utf-8", "backslashreplace")


def _timed(write: Callable[[Transcript, float | None], bytes]) -> Callable[[Transcript, UltraStarConfig], bytes]:
    return lambda transcript, config: write(transcript, config.bpm)


def _ultrastar(transcript: Transcript, config: UltraStarConfig) -> bytes:
    return write_ultrastar(transcript, config).encode("utf-8", "backslashreplace")


MELODY_FORMATS: dict[str, MelodyFormat] = {
    form.name: form
    for form in (
        MelodyFormat("ultrastar", ".ultrastar.txt", "UltraStar karaoke song", write=_ultrastar),
        MelodyFormat(
            "json", ".json", "everything, with pitch and notes", write=_text(lambda song: song.to_json() + "\n")
        ),
        MelodyFormat("midi", ".mid", "MIDI with the syllables as lyrics", write=_timed(write_midi)),
        MelodyFormat("musicxml", ".musicxml", "score with the syllables below it", write=_timed(write_musicxml)),
        MelodyFormat("pitch", ".pitch.csv", "pitch of the voice, frame by frame", write=_text(write_pitch_table)),
    )
}
"""By name, in the order of `--format` help."""


def get_melody_format(name: str) -> MelodyFormat:
    """The format with this name, in any case. Raises UsageError for an unknown name."""
    try:
        return MELODY_FORMATS[name.lower()]
    except KeyError:
        raise UsageError(f"unknown format '{name}'", f"Known formats: {', '.join(MELODY_FORMATS)}.") from None


def melody_format_of_file(file_name: str) -> MelodyFormat | None:
    """The format whose files end like `file_name`, or None; `.txt` is UltraStar, and `.csv` the pitch."""
    name = file_name.lower()
    return next((form for form in MELODY_FORMATS.values() if name.endswith("." + form.suffix.rsplit(".", 1)[1])), None)
