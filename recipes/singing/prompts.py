"""Makes a data set of recorded speech, spoken and sung: Asterisk's English prompts (Allison Smith, CC BY-SA 3.0).

Needs asterisk-core-sounds-en-g722 and ffmpeg (Debian packages). See README.md.
"""

from __future__ import annotations

import argparse
import gzip
import subprocess
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
from lines import NORMALIZER
from make import LINES_A_SONG, RATE, Made, Order, Spoken, arranged, write_manifests
from voices import Voice

SOUNDS = Path("/usr/share/asterisk/sounds/en")
TEXTS = Path("/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz")
LONGEST_S = 14.0


def prompts() -> Iterator[Spoken]:
    """The prompts that contain words and are not too long."""
    for line in gzip.decompress(TEXTS.read_bytes()).decode("utf-8").splitlines():
        name, _, transcript = line.partition(":")
        path = SOUNDS / f"{name.strip()}.g722"
        text = NORMALIZER.normalize(transcript)
        if line.startswith(";") or not text or "[" in transcript or "(" in transcript or not path.is_file():
            continue
        command = ["ffmpeg", "-loglevel", "error", "-f", "g722", "-i", str(path), "-f", "f32le", "-ar", str(RATE), "-"]
        samples = np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.float32)
        if RATE // 2 < len(samples) < LONGEST_S * RATE:
            yield Spoken(text, samples.astype(np.float64), RATE)


def make_songs(numbered: tuple[int, list[Spoken], Path]) -> list[Made]:
    """The songs made of a group of prompts."""
    number, spoken, folder = numbered
    song_id = f"prompts-{number:03}"
    texts = tuple(line.text for line in spoken)
    return arranged(Order(song_id, texts, Voice("asterisk", "allison", 1.0), song_id, "train", folder), spoken)


def main() -> None:
    """Make the songs and the manifests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="can be the output folder of make.py")
    parser.add_argument("--workers", type=int, default=None)
    arguments = parser.parse_args()
    (arguments.output / "audio").mkdir(parents=True, exist_ok=True)
    found = prompts()
    groups = iter(lambda: list(islice(found, LINES_A_SONG)), [])
    numbered = [(number, group, arguments.output) for number, group in enumerate(groups)]
    with ProcessPoolExecutor(arguments.workers) as pool:
        write_manifests(arguments.output, [made for songs in pool.map(make_songs, numbered) for made in songs])


if __name__ == "__main__":
    main()
