"""Data for training separator and recogniser together: sung lines, accompaniments, and mixes with their true stems.

    python recipes/joint/make.py joint/ [--seed 0]

Writes a data set `joint/data` (dry voices to train on, mixes to validate on and mixes to test on), accompaniments for
training (`joint/backing`), and for each mix its true vocals (`joint/stems`). Lines and accompaniments of the three
parts differ. Needs flite, espeak-ng, fluidsynth, fluid-soundfont-gm (Debian packages), pyworld and mido (PyPI). The
same seed gives the same data.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
import torch

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.resample import resample
from lyricsrec.dataset.chunk_audio import write_flac
from lyricsrec.dataset.manifest import ChunkRow, to_line
from lyricsrec.lyrics.transcript import Word

SINGING = Path(__file__).parents[1] / "singing"
RATE = 44_100
LONGEST_S = 2.87
"""A chunk of this length fills 128 frames of the separator's networks."""
LEVELS_DB = (5.0, 0.0, -5.0)
"""How much louder than the accompaniment the voices of the mixes are, in turn."""
COUNTS = {"train": 1200, "validation": 60, "test": 240}
PIECES = {"train": 40, "validation": 10, "test": 20}
NUM_STEMS = 200
"""Mixes with their vocals, of training voices, for runs that learn from true stems."""


def make(work: Path, seed: int) -> None:
    """Write all files below `work`."""
    sys.path.insert(0, str(SINGING))
    for number, (split, count) in enumerate(PIECES.items()):
        command = [sys.executable, SINGING / "accompany.py", "--output", work / "backing" / split]
        subprocess.run([*map(str, command), "--pieces", str(count), "--seed", str(seed + number)], check=True)
    rng = random.Random(seed)
    sung = _sung_lines(rng)
    for split in COUNTS:
        _write_split(work, split, sung, rng)


def _write_split(work: Path, split: str, sung: Iterator[tuple[str, np.ndarray]], rng: random.Random) -> None:
    backings = sorted((work / "backing" / split).glob("*.flac"))
    rows, stems = [], []
    for number in range(COUNTS[split]):
        text, voice = next(sung)
        name = f"{split}-{number:04}"
        accompaniment = _excerpt(backings[number % len(backings)], len(voice), rng)
        mix = voice + accompaniment * 10 ** (-LEVELS_DB[number % len(LEVELS_DB)] / 20)
        scale = 0.9 / np.abs(mix).max()
        duration_s = len(voice) / RATE
        has_stem = split != "train" or number < NUM_STEMS
        if has_stem:
            _write(work / "mixes" / f"{name}.flac", scale * mix)
            _write(work / "stems" / f"{name}.vocals.flac", scale * voice)
        if has_stem and duration_s >= 1:
            stems.append({"audio": f"mixes/{name}.flac", "vocals": f"stems/{name}.vocals.flac"})
        chunk = voice * 0.7 / np.abs(voice).max() if split == "train" else scale * mix
        _write(work / "data" / split / f"{name}.flac", chunk)
        rows.append(_row(name, text, f"{split}/{name}.flac", duration_s))
    (work / "data" / f"{split}.jsonl").write_text("".join(to_line(row.to_dict()) for row in rows), "utf-8")
    (work / f"stems-{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in stems), "utf-8")
    minutes = sum(row.duration_s for row in rows) / 60
    print(f"{split}: {len(rows)} lines, {sum(len(row.words) for row in rows)} words, {minutes:.1f} minutes", flush=True)


def _row(name: str, text: str, audio: str, duration_s: float) -> ChunkRow:
    words = tuple(Word(word, None, None) for word in text.split())
    end_s = round(duration_s, 3)
    return ChunkRow(name, name, text, audio=audio, start_s=0.0, end_s=end_s, offset_s=0.0, words=words)


def _sung_lines(rng: random.Random) -> Iterator[tuple[str, np.ndarray]]:
    """Different short lines, sung; mono at `RATE` with a level of 1 (root mean square)."""
    from lines import phrases
    from singer import Singer, Speech, in_room, through_a_mixer
    from voices import random_voice

    seen: set[str] = set()
    while True:
        (text,) = phrases(rng, 1, ())
        voice = random_voice(rng, {"flite": 0.6, "espeak": 0.4})
        if text in seen or not 2 <= len(text.split()) <= 6:
            continue
        seen.add(text)
        with TemporaryDirectory() as folder:
            speech = Speech.of(*voice.speak(text.lower(), Path(folder)))
        if not speech.is_voiced:
            continue
        sung = through_a_mixer(in_room(Singer.draw(rng).sing(speech, rng), speech.rate, rng), speech.rate, rng)
        samples = resample(torch.from_numpy(sung), speech.rate, RATE).numpy()
        if 0.8 <= len(samples) / RATE <= LONGEST_S:
            yield text, samples / np.sqrt(np.mean(samples**2))


def _excerpt(path: Path, num_samples: int, rng: random.Random) -> np.ndarray:
    """A random part of a sound, repeated where it is shorter, with a level of 1."""
    samples, rate = soundfile.read(path)
    sound = resample(torch.from_numpy(samples), rate, RATE).numpy()
    start = rng.randrange(max(len(sound) - num_samples, 1))
    excerpt = np.resize(sound[start : start + num_samples], num_samples)
    return excerpt / (np.sqrt(np.mean(excerpt**2)) or 1.0)


def _write(path: Path, samples: np.ndarray) -> None:
    """Write mono samples as a stereo file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_flac(path, Audio(np.stack([samples, samples]).astype(np.float32), RATE))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path, help="folder for all files")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    make(arguments.work, arguments.seed)


if __name__ == "__main__":
    main()
