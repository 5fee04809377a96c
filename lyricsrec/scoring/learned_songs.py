"""Test songs that the models of a system have learned: figures on them say nothing about other songs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lyricsrec.dataset.learned import Learned, learned_by
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.recognition.registry import find_recognizer
from lyricsrec.scoring.one_song import SongTexts


@dataclass(frozen=True)
class Seen:
    """The ids of test songs that the recogniser or the separator was trained on, or validated on."""

    trained: tuple[str, ...] = ()
    by_separator: tuple[str, ...] = ()
    validated: tuple[str, ...] = ()

    @property
    def songs(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(dict.fromkeys((*self.trained, *self.by_separator, *self.validated)))

    def warnings(self, system: str, num_songs: int) -> Iterator[str]:
        """What to say about them in a score of `num_songs` songs."""
        kinds = (
            (self.trained, "its recogniser was trained on"),
            (self.by_separator, "its separator was trained on"),
            (self.validated, "its checkpoint was chosen by validating on"),
        )
        for songs, what in kinds:
            if songs:
                shown = ", ".join(f"'{name}'" for name in songs[:3]) + (" ..." if len(songs) > 3 else "")
                yield (
                    f"{system}: {what} {len(songs):,} of the {num_songs:,} songs of this test ({shown}): "
                    "the figures do not show how it does on new songs"
                )


def learned_songs(songs: Sequence[SongTexts], config: PipelineConfig) -> Seen:
    """Which songs the models of a pipeline have learned, by id or by words; none for models that do not say so."""
    recognizer = learned_by(find_recognizer(config.model_name, offline=True).folder)
    separator = learned_by(Path(config.separator_name))
    return Seen(
        tuple(song.song_id for song in songs if recognizer.trained_on(song.song_id, _text(song))),
        tuple(song.song_id for song in songs if _only_separator(song, recognizer, separator)),
        tuple(song.song_id for song in songs if _is_validated(song, recognizer, separator)),
    )


def _only_separator(song: SongTexts, recognizer: Learned, separator: Learned) -> bool:
    text = _text(song)
    return separator.trained_on(song.song_id, text) and not recognizer.trained_on(song.song_id, text)


def _is_validated(song: SongTexts, *models: Learned) -> bool:
    text = _text(song)
    return any(model.validated_on(song.song_id, text) for model in models)


def _text(song: SongTexts) -> str:
    return " ".join(utterance.reference.text for utterance in song.utterances)
