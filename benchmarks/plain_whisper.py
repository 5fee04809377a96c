"""Transcripts by plain faster-whisper with default settings, as a baseline.

    python benchmarks/plain_whisper.py SONGS -o FOLDER [--model tiny.en]
    lyricsrec score --data DATA --hyp "plain faster-whisper=FOLDER" --preset offline

Writes JSON as `lyricsrec transcribe -f json` does, with faster-whisper's segments as lines and its own word times, and
prints how many times faster than real time it went, reading the files included. `base` runs without the previous text
as context, which is better on songs.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

from faster_whisper import WhisperModel

from lyricsrec.audio.inputs import find_songs
from lyricsrec.base.output import write_text
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word
from lyricsrec.recognition.registry import find_recognizer
from lyricsrec.version import VERSION


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("songs", nargs="+")
    parser.add_argument("-o", "--output", required=True, type=Path)
    parser.add_argument("--model", default="tiny.en", choices=("tiny.en", "base"))
    arguments = parser.parse_args()

    name = arguments.model
    model = WhisperModel(str(find_recognizer(name).folder), device="cpu")
    provenance = Provenance(VERSION, "none", f"faster-whisper {name}", decoder="faster-whisper's own")
    audio_s = work_s = 0.0
    for song in find_songs(arguments.songs):
        began = time.perf_counter()
        segments, info = model.transcribe(
            str(song.path), word_timestamps=True, condition_on_previous_text=name != "base"
        )
        lines = tuple(
            Line(
                tuple(
                    Word(w.word.strip(), round(w.start, 3), round(w.end, 3), confidence=w.probability)
                    for w in segment.words
                )
            )
            for segment in segments
        )
        work_s += time.perf_counter() - began
        audio_s += info.duration
        spoken = replace(provenance, language=info.language)
        transcript = Transcript(song.relative.stem, info.duration, lines, provenance=spoken)
        write_text(arguments.output / song.relative.with_suffix(".json"), transcript.to_json())
        print(song.name, flush=True)
    print(f"{audio_s / work_s:.1f} x real time")


if __name__ == "__main__":
    main()
