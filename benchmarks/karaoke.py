"""How fast karaoke files are made, and how much memory that takes.

    python benchmarks/karaoke.py [--seconds 60] [--long-s 600] [KIND]...

A made-up song with a line of six words every 3 s, and its own sound as the instrumental, so that neither separation nor
alignment counts. For each kind of file: seconds of the song per second, processor time per second of the song, and
the size of the file. Then the largest memory of a short and a long song, each in a process of its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from lyricsrec.audio.inputs import find_songs
from lyricsrec.karaoke.make import make_karaoke
from lyricsrec.karaoke.settings import KaraokeConfig
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word

LINE_S, NUM_WORDS, RATE = 3.0, 6, 44_100
KINDS = {
    "720p.mp4": {},
    "1080p.mp4": {"size": "1080p"},
    "4k.mp4": {"size": "4k"},
    "60fps.mp4": {"fps": 60},
    "video.mp4": {"background": "720p.mp4"},
    "720p.webm": {},
    "av1.mp4": {"codec": "av1"},
    "song.cdg": {},
}


def made_up(folder: Path, seconds: float) -> tuple[Path, Transcript]:
    """A song and its lyrics."""
    t = np.arange(round(seconds * RATE)) / RATE
    mono = 0.2 * np.sin(2 * np.pi * 220 * t) * (1 + np.sin(2 * np.pi * t)) / 2
    song = folder / "song.flac"
    soundfile.write(song, np.stack([mono, mono], axis=1), RATE)
    step_s = (LINE_S - 0.2) / NUM_WORDS
    texts = ["walking", "down", "the", "river", "this", "morning"]
    lines = tuple(
        Line(
            tuple(Word(text, start + i * step_s, start + (i + 1) * step_s) for i, text in enumerate(texts[:NUM_WORDS]))
        )
        for start in np.arange(1.0, seconds - LINE_S, LINE_S).tolist()
    )
    made = Provenance("0", "none", "none", decoder="none")
    return song, Transcript("song", seconds, lines, provenance=made)


def make(folder: Path, kind: str, seconds: float) -> tuple[float, float, int]:
    """Elapsed and processor time in seconds, and bytes, of one file."""
    song, transcript = made_up(folder, seconds)
    changes = dict(KINDS[kind])
    if "background" in changes:
        changes["background"] = str(folder / changes["background"])
    (source,) = find_songs([str(song)])
    began, processor = time.perf_counter(), time.process_time()
    make_karaoke(source, transcript, folder / kind, config=KaraokeConfig(instrumental=song, **changes))
    took, spent = time.perf_counter() - began, time.process_time() - processor
    return took, spent, (folder / kind).stat().st_size


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", default=list(KINDS), metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the song")
    parser.add_argument("--long-s", type=float, default=600.0, help="length of the long song; 0 leaves memory out")
    parser.add_argument("--memory-of", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.memory_of is not None:
            make(folder, "720p.mp4", options.memory_of)
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
            return
        print(f"{'file':12} {'x real time':>12} {'processor':>10} {'MB/min':>8}")
        for kind in options.kinds:
            took, spent, size = make(folder, kind, options.seconds)
            row = f"{kind:12} {options.seconds / took:12.1f} {spent / options.seconds:9.3f}s"
            print(f"{row} {size / 1e6 / options.seconds * 60:8.2f}", flush=True)
    for seconds in (options.seconds, options.long_s) if options.long_s else ():
        command = [sys.executable, __file__, "--memory-of", str(seconds)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        print(f"memory of {seconds:g} s as 720p.mp4: {done.stdout.strip()} MB", flush=True)


if __name__ == "__main__":
    main()
