"""Compares the `offline` preset with plain faster-whisper: same weights, songs and scoring, in one run.

    python benchmarks/offline.py FOLDER...

Each folder holds one song (`audio.*`) and its lyrics (`lyrics.txt`). Words are compared in lower
case without punctuation (profile `plain` of `lyricsrec.lyrics.normalise`); edits are pooled over the songs, then divided. Prints WER,
the longest run of inserted words, and how many times faster than real time each ran, reading the file included.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import jiwer

from lyricsrec import load_pipeline
from lyricsrec.lyrics.normalise import normalized_words
from lyricsrec.recognition.registry import find_recognizer


class Tally:
    """Pooled edits of one system."""

    def __init__(self) -> None:
        self.edits = self.words = self.longest_insertion = 0
        self.seconds = self.audio_s = 0.0
        self.offsets: list[float] = []

    def add(self, reference: list[str], hypothesis: list[str]) -> float:
        """Count one song; returns its word error rate."""
        result = jiwer.process_words(" ".join(reference), " ".join(hypothesis))
        edits = result.substitutions + result.deletions + result.insertions
        insertions = [c.hyp_end_idx - c.hyp_start_idx for c in result.alignments[0] if c.type == "insert"]
        self.edits += edits
        self.words += len(reference)
        self.longest_insertion = max([self.longest_insertion, *insertions])
        return edits / len(reference)


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--skip-plain", action="store_true", help="leave faster-whisper out")
    parser.add_argument("--show", action="store_true", help="print the transcripts and their notes")
    arguments = parser.parse_args()

    pipeline = load_pipeline("offline")
    last: dict[str, object] = {}

    def ours(path: Path) -> str:
        last["transcript"] = pipeline.transcribe(path)
        return last["transcript"].text

    systems: dict[str, Callable[[Path], str]] = {"lyricsrec": ours}
    if not arguments.skip_plain:
        from faster_whisper import WhisperModel

        model = WhisperModel(str(find_recognizer("tiny.en").folder), device="cpu")
        systems["faster-whisper"] = lambda path: " ".join(s.text for s in model.transcribe(str(path))[0])
    tallies = {name: Tally() for name in systems}
    for folder in arguments.folders:
        audio = next(p for p in sorted(folder.iterdir()) if p.stem in ("audio", "instrumental") and p.suffix != ".txt")
        sung = audio.stem == "audio"
        reference = normalized_words((folder / "lyrics.txt").read_text("utf-8"), "plain") if sung else []
        row = [f"{folder.name[:40]:40}"]
        for name, transcribe in systems.items():
            tally, began = tallies[name], time.perf_counter()
            text = transcribe(audio)
            hypothesis = normalized_words(text, "plain")
            if not sung:
                row.append(f"{name} {len(hypothesis)} words")
                continue
            tally.seconds += time.perf_counter() - began
            row.append(f"{name} {100 * tally.add(reference, hypothesis):5.1f} %")
            if name == "lyricsrec":
                transcript = last["transcript"]
                tally.audio_s += transcript.duration_s
                timed = [(w, word.start_s) for word in transcript.words for w in normalized_words(word.text, "plain")]
                if (folder / "words.csv").exists():
                    tally.offsets += matched_offsets(timed, folder / "words.csv")
        print("  ".join(row), flush=True)
        if arguments.show:
            print(last["transcript"].text, *last["transcript"].notes, "", sep="\n")
    audio_s = tallies["lyricsrec"].audio_s
    for name, tally in tallies.items():
        print(
            f"{name:15} WER {100 * tally.edits / max(tally.words, 1):.1f} %  longest insertion {tally.longest_insertion} words  "
            f"{audio_s / tally.seconds:.1f} x real time"
        )
    if tallies["lyricsrec"].offsets:
        offsets = tallies["lyricsrec"].offsets
        print(
            f"word starts of lyricsrec: median error {statistics.median(offsets):.3f} s, "
            f"within 0.3 s {100 * sum(o <= 0.3 for o in offsets) / len(offsets):.1f} %"
        )


if __name__ == "__main__":
    main()
