"""Makes a data set of recorded speech, spoken and sung: Asterisk's prompts (CC BY-SA 3.0; the Russian ones CC BY 3.0).

Needs asterisk-core-sounds-LANGUAGE, the same with -g722, and ffmpeg (Debian packages). See README.md.
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
from make import LINES_A_SONG, RATE, Made, Order, Spoken, arranged, write_manifests
from voices import Voice

from lyricsrec.lyrics.languages import LATIN, language_name
from lyricsrec.lyrics.normalise import TextNormalizer, romanize

SOUNDS = Path("/usr/share/asterisk/sounds")
TEXTS = "/usr/share/doc/asterisk-core-sounds-{0}/core-sounds-{0}.txt.gz"
LONGEST_S = 14.0


def prompts(language: str) -> Iterator[Spoken]:
    """The prompts of a language that contain words and are not too long."""
    normalizer = TextNormalizer(LATIN, "upper", language_name(language))
    for line in gzip.decompress(Path(TEXTS.format(language)).read_bytes()).decode("utf-8").splitlines():
        name, _, transcript = line.partition(":")
        path = SOUNDS / language / f"{name.strip()}.g722"
        text = normalizer.normalize(romanize(transcript))
        if line.startswith(";") or not text or "[" in transcript or "(" in transcript or not path.is_file():
            continue
        command = ["ffmpeg", "-loglevel", "error", "-f", "g722", "-i", str(path), "-f", "f32le", "-ar", str(RATE), "-"]
        samples = np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.float32)
        if RATE // 2 < len(samples) < LONGEST_S * RATE:
            yield Spoken(text, samples.astype(np.float64), RATE)


def make_songs(numbered: tuple[int, list[Spoken], Path, str]) -> list[Made]:
    """The songs made of a group of prompts."""
    number, spoken, folder, language = numbered
    song_id = f"prompts-{language}-{number:03}"
    texts = tuple(line.text for line in spoken)
    voice = Voice("asterisk", language, 1.0)
    return arranged(Order(song_id, texts, voice, song_id, "train", folder, language), spoken)


def main() -> None:
    """Make the songs and the manifests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="can be the output folder of make.py")
    parser.add_argument("--language", default="en", choices=("en", "es", "fr", "it", "ru"))
    parser.add_argument("--limit", type=int, default=None, help="the number of groups of prompts; without it, all")
    parser.add_argument("--workers", type=int, default=None)
    arguments = parser.parse_args()
    (arguments.output / "audio").mkdir(parents=True, exist_ok=True)
    found = prompts(arguments.language)
    groups = iter(lambda: list(islice(found, LINES_A_SONG)), [])
    numbered = [(i, group, arguments.output, arguments.language) for i, group in enumerate(groups)][: arguments.limit]
    songs: list[Made] = []
    with ProcessPoolExecutor(arguments.workers) as pool:
        for made in pool.map(make_songs, numbered):
            songs += made
            write_manifests(arguments.output, songs)


if __name__ == "__main__":
    main()
