"""How well the notes of `lyricsrec melody` agree with those of annotators.

    python benchmarks/melody.py SONGS [--vocadito FOLDER] [--separator NAME] [--search]

SONGS is a folder of folders with a `song.txt` (UltraStar) and the audio it names. Their words are given with their
times; a note of the annotation counts as right where the note that overlaps it most is at most a semitone away,
whatever the octave (chance: 25 %), and its onset as found where a note of ours begins within 0.1 s; onsets within
words are those that the given words do not tell. `--search` also
chooses `step_cost`, `onset_gain` and `lag_s` on the other songs for each song. FOLDER has `vocadito_1.wav` and the notes
of two annotators: there the notes are found without words, and compared as in mir_eval.transcription (onset within
50 ms, pitch within 50 cents; offset within 50 ms or a fifth of the note).
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import mir_eval
import numpy as np

from lyricsrec.audio.media import SUFFIXES, open_path
from lyricsrec.base.device import resolve_device
from lyricsrec.formats.karaoke.ultrastar import read_ultrastar
from lyricsrec.lyrics.annotation import Annotation
from lyricsrec.lyrics.music.notes import Note, midi_of
from lyricsrec.lyrics.transcript import Word
from lyricsrec.music.melody.melody import track_voice
from lyricsrec.music.melody.notes import Voice, notes_of
from lyricsrec.music.melody.settings import MelodyConfig
from lyricsrec.recognition.acoustic import to_recognizer
from lyricsrec.separation.base import NoSeparator
from lyricsrec.separation.registry import load_separator
from lyricsrec.separation.settings import SeparateConfig

ONSET_S = 0.1
GRID = {"step_cost": (8.0, 12.0, 18.0), "onset_gain": (6.0, 12.0, 20.0), "lag_s": (0.0, 0.03, 0.05, 0.08)}


@dataclass(frozen=True)
class Song:
    """A song whose voice is tracked once."""

    name: str
    voice: Voice
    annotation: Annotation


@dataclass(frozen=True)
class Score:
    """Shares of annotated notes with the right pitch and onset, of our notes with a right onset, and numbers of notes."""

    pitch: float
    onset: float
    precision: float
    inside: float
    found: int
    annotated: int

    @property
    def goal(self) -> float:
        """What settings are chosen by."""
        return self.pitch + 2 * self.onset * self.precision / max(self.onset + self.precision, 1e-9)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("songs", type=Path)
    parser.add_argument("--vocadito", type=Path)
    parser.add_argument("--separator", default="spleeter")
    parser.add_argument("--search", action="store_true")
    arguments = parser.parse_args()
    if arguments.vocadito is not None:
        compare_vocadito(arguments.vocadito)
    songs = read_songs(arguments.songs, arguments.separator)
    print(
        "| song | notes | annotated | pitch | onsets found | our onsets right | onsets within words |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    scores = [score(song, MelodyConfig()) for song in songs]
    for song, each in zip(songs, scores, strict=True):
        print(row(song.name, each))
    print(row("mean", mean(scores)), flush=True)
    if arguments.search:
        search(songs)


def read_songs(folder: Path, separator: str) -> list[Song]:
    loaded = load_separator(separator, SeparateConfig(), resolve_device("auto", "auto"))
    songs = []
    for place in sorted(path.parent for path in folder.glob("*/song.txt")):
        karaoke = read_ultrastar(place / "song.txt")
        named = Path(karaoke.audio or "").stem
        sound = next((p for p in place.glob("*") if p.stem == named and p.suffix.lower() in SUFFIXES), None)
        if sound is not None:
            with open_path(sound) as opened:
                songs.append(Song(place.name, track_voice(opened, loaded, to_recognizer).voice, karaoke.annotation()))
    return songs


def score(song: Song, config: MelodyConfig) -> Score:
    notes = song.annotation.notes or ()
    words = [
        Word("".join(note.text for note in word).replace("~", ""), word[0].start_s, word[-1].end_s) for word in notes
    ]
    found = notes_of(song.voice, words, config, song.annotation.language).notes
    wanted = [note for word in notes for note in word if note.freq_hz > 0]
    right = sum(is_right(note.start_s, note.end_s, midi_of(note.freq_hz), found) for note in wanted)
    matched = {i for i, _ in mir_eval.util.match_events(starts(wanted), starts(found), ONSET_S)}
    first = {word[0].start_s for word in notes}
    inside = [i in matched for i, note in enumerate(wanted) if note.start_s not in first]
    share, precision = len(matched) / len(wanted), len(matched) / len(found)
    return Score(right / len(wanted), share, precision, float(np.mean(inside)), len(found), len(wanted))


def starts(notes: Sequence[Note]) -> np.ndarray:
    return np.array([note.start_s for note in notes])


def is_right(start_s: float, end_s: float, midi: float, found: Sequence[Note]) -> bool:
    """Whether the note that overlaps an annotated one most is at most a semitone away, whatever the octave."""
    overlaps = [min(note.end_s, end_s) - max(note.start_s, start_s) for note in found]
    best = int(np.argmax(overlaps))
    return overlaps[best] > 0 and abs((found[best].pitch - round(midi) + 6) % 12 - 6) <= 1


def mean(scores: Sequence[Score]) -> Score:
    shares = [np.mean([getattr(each, name) for each in scores]) for name in ("pitch", "onset", "precision", "inside")]
    return Score(*map(float, shares), sum(each.found for each in scores), sum(each.annotated for each in scores))


def row(name: str, each: Score) -> str:
    shares = " | ".join(f"{100 * share:.1f} %" for share in (each.pitch, each.onset, each.precision, each.inside))
    return f"| {name} | {each.found} | {each.annotated} | {shares} |"


def search(songs: Sequence[Song]) -> None:
    """Choose settings by leave-one-song-out, and print what they give on the song that is left out."""
    configs = [
        replace(MelodyConfig(), **dict(zip(GRID, values, strict=True))) for values in itertools.product(*GRID.values())
    ]
    table = [[score(song, config) for song in songs] for config in configs]
    print("\nleave one song out:")
    left_out = []
    for number, song in enumerate(songs):
        goals = [np.mean([each.goal for i, each in enumerate(scores) if i != number]) for scores in table]
        best = int(np.argmax(goals))
        left_out.append(table[best][number])
        print(
            row(f"{song.name}: {', '.join(f'{name} {getattr(configs[best], name):g}' for name in GRID)}", left_out[-1])
        )
    print(row("mean", mean(left_out)))


def compare_vocadito(folder: Path) -> None:
    with open_path(folder / "vocadito_1.wav") as song:
        voice = track_voice(song, NoSeparator(), to_recognizer).voice
    notes = [note for note in notes_of(voice, [], MelodyConfig()).notes if note.hertz > 0]
    ours = np.array([[note.start_s, note.end_s] for note in notes]), np.array([note.hertz for note in notes])
    tables = [np.loadtxt(folder / f"vocadito_1_notesA{number}.csv", delimiter=",") for number in (1, 2)]
    annotated = [(np.stack([table[:, 0], table[:, 0] + table[:, 2]], 1), table[:, 1]) for table in tables]
    print("| vocadito_1 | onset and pitch | with offsets |\n| --- | --- | --- |")
    for name, reference, found in (
        ("annotator 1 and ours", annotated[0], ours),
        ("annotator 2 and ours", annotated[1], ours),
        ("annotator 1 and 2", annotated[0], annotated[1]),
    ):
        with_offset, without = (
            mir_eval.transcription.precision_recall_f1_overlap(*reference, *found, offset_ratio=ratio)[2]
            for ratio in (0.2, None)
        )
        print(f"| {name} | {100 * without:.1f} % | {100 * with_offset:.1f} % |", flush=True)
    hertz = np.where(voice.confidence >= MelodyConfig().min_confidence, voice.hertz, -voice.hertz)
    times, annotated_hertz = np.loadtxt(folder / "vocadito_1_f0.csv", delimiter=",").T
    shares = mir_eval.melody.evaluate(times, annotated_hertz, np.arange(len(hertz)) * voice.hop_s, hertz)
    print("\n" + "; ".join(f"{name} {100 * share:.1f} %" for name, share in shares.items()) + "\n", flush=True)


if __name__ == "__main__":
    main()
