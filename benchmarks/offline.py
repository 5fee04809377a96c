"""Compares the presets `offline` and `fast` with plain faster-whisper: songs, scoring and weights are the same, in one run.

    python benchmarks/offline.py FOLDER... [--jamendo JAMENDOLYRICS]

Each folder holds one English song (`audio.*`) and its lyrics (`lyrics.txt`), or an instrumental (`instrumental.*`);
JAMENDOLYRICS is a copy of that data set, of which the songs that have audio are used. Words are compared in lower case
without punctuation (profile `plain` of `lyricsrec.lyrics.normalise`); edits are pooled over the songs of a language,
then divided. Prints WER, substitutions, deletions and insertions, the longest run of inserted words, the words written
on instrumentals, and how many times faster than real time each system ran, reading the file included.

Plain faster-whisper runs with beam 5 and finds the language itself; it samples where it is uncertain, so that its
figures differ from run to run. `base` runs without the previous text as context, which is better on songs.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property, partial
from pathlib import Path

import jiwer

from lyricsrec import Transcript, load_pipeline
from lyricsrec.audio.media import open_path
from lyricsrec.lyrics.normalise import normalized_words
from lyricsrec.recognition.registry import find_recognizer

PRESETS = ("offline", "fast")
Transcribe = Callable[[Path], "tuple[str, Transcript | None]"]


@dataclass(frozen=True)
class Song:
    """A song with its reference; an instrumental has no words."""

    name: str
    audio: Path
    reference: list[str]
    _: KW_ONLY
    language: str
    words_csv: Path | None = None

    @cached_property
    def duration_s(self) -> float:
        """Its length, read to the end: the headers of MP3 files are often wrong."""
        with open_path(self.audio) as song:
            return max(block.end_s for block in song.blocks())


@dataclass
class Tally:
    """Pooled edits of one system on the songs of one language."""

    words: int = 0
    substitutions: int = 0
    deletions: int = 0
    _: KW_ONLY
    insertions: int = 0
    longest: int = 0
    seconds: float = 0.0
    audio_s: float = 0.0
    offsets: list[float] = field(default_factory=list)

    def add(self, reference: list[str], hypothesis: list[str]) -> float:
        """Count one song; returns its word error rate in percent."""
        result = jiwer.process_words(" ".join(reference), " ".join(hypothesis))
        edits = (result.substitutions, result.deletions, result.insertions)
        runs = [c.hyp_end_idx - c.hyp_start_idx for c in result.alignments[0] if c.type == "insert"]
        self.words += len(reference)
        self.substitutions += edits[0]
        self.deletions += edits[1]
        self.insertions += edits[2]
        self.longest = max([self.longest, *runs])
        return 100 * sum(edits) / len(reference)

    def __str__(self) -> str:
        edits = (self.substitutions, self.deletions, self.insertions)
        speed = f"{self.audio_s / self.seconds:.1f} x real time" if self.seconds else ""
        return f"WER {100 * sum(edits) / max(self.words, 1):5.1f} %  S, D, I {edits}  longest insertion {self.longest}  {speed}"


def matched_offsets(timed: list[tuple[str, float]], words_csv: Path) -> list[float]:
    """Absolute errors in seconds of the starts of words that match the reference's."""
    with words_csv.open(encoding="utf-8") as file:
        truth = [
            (w, float(row["start"])) for row in csv.DictReader(file) for w in normalized_words(row["word"], "plain")
        ]
    result = jiwer.process_words(" ".join(w for w, _ in truth), " ".join(w for w, _ in timed))
    return [
        abs(timed[chunk.hyp_start_idx + i][1] - truth[chunk.ref_start_idx + i][1])
        for chunk in result.alignments[0]
        if chunk.type == "equal"
        for i in range(chunk.ref_end_idx - chunk.ref_start_idx)
    ]


def folder_song(folder: Path) -> Song:
    audio = next(p for p in sorted(folder.iterdir()) if p.stem in ("audio", "instrumental") and p.suffix != ".txt")
    if audio.stem == "instrumental":
        return Song(folder.name, audio, [], language="instrumental")
    reference = normalized_words((folder / "lyrics.txt").read_text("utf-8"), "plain")
    words_csv = folder / "words.csv"
    return Song(folder.name, audio, reference, language="English", words_csv=words_csv if words_csv.exists() else None)


def jamendo_songs(root: Path) -> Iterator[Song]:
    with (root / "JamendoLyrics.csv").open(encoding="utf-8") as file:
        languages = {row["Filepath"]: row["Language"] for row in csv.DictReader(file)}
    for audio in sorted((root / "mp3").iterdir()):
        text = (root / "lyrics" / f"{audio.stem}.txt").read_text("utf-8")
        yield Song(audio.stem, audio, normalized_words(text, "plain"), language=languages[audio.name])


def load_preset(preset: str) -> Transcribe:
    pipeline = load_pipeline(preset)

    def transcribe(path: Path) -> tuple[str, Transcript | None]:
        transcript = pipeline.transcribe(path)
        return transcript.text, transcript

    return transcribe


def load_plain(name: str) -> Transcribe:
    from faster_whisper import WhisperModel

    model = WhisperModel(str(find_recognizer(name).folder), device="cpu")
    with_previous = name != "base"

    def transcribe(path: Path) -> tuple[str, Transcript | None]:
        segments, _ = model.transcribe(str(path), condition_on_previous_text=with_previous)
        return " ".join(segment.text for segment in segments), None

    return transcribe


SYSTEMS: dict[str, Callable[[], Transcribe]] = {
    **{f"lyricsrec {preset}": partial(load_preset, preset) for preset in PRESETS},
    **{f"faster-whisper {name}": partial(load_plain, name) for name in ("base", "tiny.en")},
}


def run(song: Song, transcribe: Transcribe, tally: Tally, *, show: bool) -> str:
    """Transcribe and count one song; what to print about it."""
    began = time.perf_counter()
    text, transcript = transcribe(song.audio)
    tally.seconds += time.perf_counter() - began
    tally.audio_s += song.duration_s
    hypothesis = normalized_words(text, "plain")
    if transcript is not None:
        if song.words_csv is not None:
            timed = [(w, word.start_s) for word in transcript.words for w in normalized_words(word.text, "plain")]
            tally.offsets += matched_offsets(timed, song.words_csv)
        if show:
            print(text, *transcript.notes, "", sep="\n")
    if not song.reference:
        tally.insertions += len(hypothesis)
        return f"{len(hypothesis)} words"
    return f"{tally.add(song.reference, hypothesis):.1f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--jamendo", type=Path, help="a copy of JamendoLyrics")
    parser.add_argument("--system", action="append", help="only systems whose names contain this, may repeat")
    parser.add_argument("--show", action="store_true", help="print the transcripts and their notes")
    arguments = parser.parse_args()

    songs = [folder_song(folder) for folder in arguments.folders]
    songs += jamendo_songs(arguments.jamendo) if arguments.jamendo else []
    wanted = arguments.system or [""]
    found = {name: load() for name, load in SYSTEMS.items() if any(part in name for part in wanted)}
    tallies: dict[tuple[str, str], Tally] = {}
    for song in songs:
        row = [f"{song.name[:40]:40}"]
        for name, transcribe in found.items():
            tally = tallies.setdefault((song.language, name), Tally())
            row.append(f"{name} {run(song, transcribe, tally, show=arguments.show)}")
        print("  ".join(row), flush=True)
    for (language, name), tally in sorted(tallies.items()):
        figures = f"{tally.insertions} words written" if language == "instrumental" else str(tally)
        print(f"{language:12}  {name:24} {figures}")
        if tally.offsets:
            within = 100 * sum(o <= 0.3 for o in tally.offsets) / len(tally.offsets)
            print(f"  word starts: median error {statistics.median(tally.offsets):.3f} s, within 0.3 s {within:.1f} %")


if __name__ == "__main__":
    main()
