"""Word times of a recogniser and of the aligner, for the same words of the same run.

    python benchmarks/word_times.py [--preset NAME]... [--recognized FOLDER] SONGS...

Each folder holds one song (`audio.*`) and its word times (`words.csv`: start, end, word). Words are matched by jiwer's
edit distance, in lower case without punctuation; only equal ones count. Prints the errors of their starts, signed too
(+: later than the reference), and of their ends, and the processor time of aligning relative to all else, including
loading the model once. With `--recognized`, recognised words are saved there as JSON and loaded in later runs; such songs
do not count in that ratio.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import jiwer
import numpy as np

from lyricsrec import load_pipeline
from lyricsrec.alignment.word_times import Timer
from lyricsrec.base.progress import Report, ignore
from lyricsrec.decoding.emission import Emission
from lyricsrec.lyrics.normalise import normalized_words
from lyricsrec.lyrics.transcript import Word
from lyricsrec.recognition.base import Piece, RecognizedPiece, Recognizer


class CachedRecognizer:
    """A recogniser whose words are saved in a file."""

    def __init__(self, inner: Recognizer, file: Path | None) -> None:
        self.inner, self.file = inner, file
        self.name, self.longest_s = inner.name, inner.longest_s
        self.was_saved = file is not None and file.exists()

    def recognize(
        self, pieces: Sequence[Piece], report: Report = ignore, *, language: str | None = None
    ) -> Iterator[Emission | RecognizedPiece]:
        """The saved words of the pieces, or else those of the recogniser."""
        saved = json.loads(self.file.read_text("utf-8")) if self.file is not None and self.file.exists() else {}
        keys = [f"{piece.mix.start_s:.3f}-{piece.mix.end_s:.3f}" for piece in pieces]
        if pieces and all(key in saved for key in keys):
            for key in keys:
                yield RecognizedPiece(tuple(Word(**word) for word in saved[key]["words"]), (), saved[key]["language"])
            return
        results = self.inner.recognize(pieces, report, language=language)
        for key, recognized in zip(keys, results, strict=True):
            if isinstance(recognized, RecognizedPiece):
                words = [dataclasses.asdict(word) for word in recognized.words]
                saved[key] = {"words": words, "language": recognized.language}
            yield recognized
        if saved and self.file is not None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_text(json.dumps(saved), "utf-8")


class RecordingTimer:
    """A timer that also records the words with their own times, and its processor time in seconds."""

    def __init__(self, inner: Timer) -> None:
        self.inner, self.name = inner, inner.name
        self.own: list[Word] = []
        self.aligned: list[Word] = []
        self.seconds = 0.0

    def time(self, recognized: RecognizedPiece, piece: Piece) -> tuple[Word, ...]:
        """The words as timed by the inner timer."""
        began = time.process_time()
        words = self.inner.time(recognized, piece)
        self.seconds += time.process_time() - began
        self.own += recognized.words
        self.aligned += words
        return words


@dataclasses.dataclass
class Errors:
    """How many seconds late words start and end."""

    starts: list[float] = dataclasses.field(default_factory=list)
    ends: list[float] = dataclasses.field(default_factory=list)

    def add(self, words: Sequence[Word], file: Path) -> None:
        """Add the words of a song that match the reference."""
        with file.open(encoding="utf-8", newline="") as rows:
            reference = [(text, row) for row in csv.DictReader(rows) for text in normalized_words(row["word"], "plain")]
        hypothesis = [(text, word) for word in words for text in normalized_words(word.text, "plain")]
        if not hypothesis:
            return
        result = jiwer.process_words(" ".join(text for text, _ in reference), " ".join(text for text, _ in hypothesis))
        for chunk in result.alignments[0]:
            for i in range(chunk.ref_end_idx - chunk.ref_start_idx if chunk.type == "equal" else 0):
                row, word = reference[chunk.ref_start_idx + i][1], hypothesis[chunk.hyp_start_idx + i][1]
                self.starts.append(word.start_s - float(row["start"]))
                self.ends.append(word.end_s - float(row["end"]))

    def __str__(self) -> str:
        off, ends = np.array(self.starts), np.array(self.ends)
        return (
            f"{len(off):5} words  starts: median {1e3 * np.median(abs(off)):4.0f} ms ({1e3 * np.median(off):+4.0f})  "
            f"mean {1e3 * abs(off).mean():4.0f} ms  {100 * (abs(off) <= 0.3).mean():5.1f} % within 0.3 s  "
            f"ends: median {1e3 * np.median(abs(ends)):4.0f} ms ({1e3 * np.median(ends):+4.0f})"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--preset", action="append", help="may repeat; default: offline")
    parser.add_argument("--recognized", type=Path, help="save and load recognised words in this folder")
    arguments = parser.parse_args()
    for preset in arguments.preset or ["offline"]:
        pipeline = load_pipeline(preset)
        pooled = {"own": Errors(), "aligned": Errors()}
        recognizing_s = timing_s = 0.0
        for folder in arguments.folders:
            saved = arguments.recognized / preset / f"{folder.name}.json" if arguments.recognized else None
            recognizer = CachedRecognizer(pipeline.recognizer, saved)
            timer = RecordingTimer(pipeline.timer) if pipeline.timer is not None else None
            stages = dataclasses.replace(pipeline, recognizer=recognizer, timer=timer)
            began = time.process_time()
            transcript = stages.transcribe(next(folder.glob("audio.*")))
            took = time.process_time() - began
            songs = {"own": transcript.words} if timer is None else {"own": timer.own, "aligned": timer.aligned}
            if timer is not None and not recognizer.was_saved:
                recognizing_s, timing_s = recognizing_s + took - timer.seconds, timing_s + timer.seconds
            for name, words in songs.items():
                errors = Errors()
                for each in (errors, pooled[name]):
                    each.add(words, folder / "words.csv")
                print(f"{preset:8} {name:8} {folder.name[:30]:30} {errors}", flush=True)
        for name, errors in pooled.items():
            if errors.starts:
                print(f"{preset:8} {name:8} {'all':30} {errors}")
        if recognizing_s:
            print(f"{preset}: aligning adds {100 * timing_s / recognizing_s:.1f} % to {recognizing_s:.0f} s")


if __name__ == "__main__":
    main()
