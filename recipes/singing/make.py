"""Make a data set of synthetic voices that speak and sing verse, with manifests like any other.

Needs flite and espeak-ng (Debian packages) and pyworld (PyPI). See README.md.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pyworld
import soundfile

from lyricsrec.audio import Audio
from lyricsrec.dataset.chunk_audio import write_flac
from lyricsrec.dataset.manifest import SONGS, ChunkRow, SongRow, to_line
from lyricsrec.lm.texts import read_sentences
from lyricsrec.lyrics import Spelling
from lyricsrec.output import write_text
from lyricsrec.transcript import Line, Word

FLITE = ("awb", "rms", "slt", "kal16")
ESPEAK = ("en-us", "en-gb", "en-gb-scotland", "en-029")
VARIANTS = ("m1", "m3", "m5", "m7", "f1", "f2", "f3", "f5")
LINES_A_SONG = 12
SCALE = (0, 2, 4, 5, 7, 9, 11)
FRAME_MS = 5.0

Signal = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Order:
    """A song to make: its lines, and the seed of everything that is left to chance."""

    song_id: str
    lines: tuple[str, ...]
    seed: str
    split: str
    folder: Path


@dataclass(frozen=True)
class Voice:
    """A speaker: an engine, its voice, and how high (semitones) and fast it speaks."""

    engine: str
    name: str
    speed: float
    pitch: int

    def speak(self, text: str, path: Path) -> tuple[Signal, int]:
        """The sound of a text, and its rate."""
        if self.engine == "flite":
            command = ["flite", "-voice", self.name, "--setf", f"duration_stretch={1 / self.speed:.2f}"]
            command += ["-t", text.lower(), str(path)]
        else:
            command = ["espeak-ng", "-v", self.name, "-s", str(round(165 * self.speed)), "-p", str(self.pitch)]
            command += ["-w", str(path), text.lower()]
        subprocess.run(command, check=True, capture_output=True)
        samples, rate = soundfile.read(path, dtype="float64")
        return np.ascontiguousarray(samples), int(rate)


def some_voice(chance: random.Random) -> Voice:
    """A speaker by chance."""
    speed = chance.uniform(0.75, 1.25)
    if chance.random() < 0.5:
        return Voice("flite", chance.choice(FLITE), speed, 50)
    return Voice("espeak", f"{chance.choice(ESPEAK)}+{chance.choice(VARIANTS)}", speed, chance.randint(20, 80))


def sung(samples: Signal, rate: int, chance: random.Random) -> Signal:
    """Speech turned to song: vowels held, pitch on the notes of a melody, with vibrato (WORLD, Morise et al. 2016)."""
    rough, times = pyworld.dio(samples, rate, frame_period=FRAME_MS)
    pitch = pyworld.stonemask(samples, rough, times, rate)
    envelope = pyworld.cheaptrick(samples, pitch, times, rate)
    breath = pyworld.d4c(samples, pitch, times, rate)
    voiced = pitch > 0
    if voiced.sum() < 20:
        return samples
    source = held(voiced, chance)
    melody = notes(len(source), float(np.median(pitch[voiced])), chance)
    tuned = np.where(voiced[source], melody, 0.0)
    result: Signal = pyworld.synthesize(tuned, envelope[source], breath[source], rate, FRAME_MS)
    return result


def held(voiced: npt.NDArray[np.bool_], chance: random.Random) -> npt.NDArray[np.int64]:
    """For each frame of the song, the frame of the speech that sounds: voiced stretches last longer."""
    factors = np.ones(len(voiced))
    edges = np.flatnonzero(np.diff(voiced.astype(int), prepend=0, append=0))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        factors[first:last] = chance.choice((1.0, 1.3, 1.7, 2.2, 3.0))
    ends = np.cumsum(factors)
    return np.searchsorted(ends, np.arange(int(ends[-1]))).clip(max=len(voiced) - 1)


def notes(num_frames: int, median_hz: float, chance: random.Random) -> Signal:
    """A melody in Hz around a voice's own pitch: steps of a scale, glides between them, vibrato."""
    degree, frames = chance.randint(-2, 4), 0
    steps: list[float] = []
    while frames < num_frames:
        length = round(chance.choice((0.2, 0.3, 0.4, 0.6, 0.9)) * 1000 / FRAME_MS)
        octave, place = divmod(degree, len(SCALE))
        steps += [12 * octave + SCALE[place]] * length
        frames += length
        degree = min(max(degree + chance.choice((-3, -2, -1, -1, 0, 1, 1, 2, 3)), -5), 8)
    width = round(60 / FRAME_MS)
    glided = np.convolve(np.pad(steps, width, mode="edge"), np.ones(width) / width, mode="same")[width:-width]
    time_s = np.arange(num_frames) * FRAME_MS / 1000
    vibrato = chance.uniform(0.0, 0.4) * np.sin(2 * np.pi * chance.uniform(4.5, 6.5) * time_s)
    melody: Signal = median_hz * 2 ** ((glided[:num_frames] + vibrato) / 12)
    return melody


def make_song(order: Order) -> tuple[SongRow, list[ChunkRow]]:
    """Speak or sing the lines of a song, each a chunk and a file of its own."""
    chance = random.Random(order.seed)
    voice, sings = some_voice(chance), chance.random() < 0.6
    chunks: list[ChunkRow] = []
    with TemporaryDirectory() as folder:
        for number, text in enumerate(order.lines):
            try:
                samples, rate = voice.speak(text, Path(folder) / "spoken.wav")
            except subprocess.CalledProcessError:
                continue
            if len(samples) < rate // 2:
                continue
            if sings:
                samples = sung(samples, rate, chance)
            loudest = float(np.abs(samples).max()) or 1.0
            samples = np.pad(samples / loudest * chance.uniform(0.3, 0.9), round(chance.uniform(0.05, 0.3) * rate))
            name = f"audio/{order.song_id}-{number:02}.flac"
            audio = Audio(samples[None].astype(np.float32), rate)
            write_flac(order.folder / name, audio)
            end_s = round(audio.duration_s, 3)
            words = tuple(Word(word, None, None) for word in text.split())
            chunks.append(ChunkRow(f"{order.song_id}-{number:04}", order.song_id, text, name, 0.0, end_s, 0.0, words))
    lines = tuple(Line(chunk.words) for chunk in chunks)
    num_words = sum(len(chunk.words) for chunk in chunks)
    row = SongRow(
        order.song_id, voice.name, order.seed, "english", None, False, order.split, chunks[0].audio if chunks else "",
        sum(chunk.duration_s for chunk in chunks), num_words, len(chunks), lines,
    )  # fmt: skip
    return row, chunks


def orders(texts: Sequence[Path], num_songs: int, seed: int, validation: float, folder: Path) -> Iterator[Order]:
    """Songs of lines drawn from all texts alike, each line used once."""
    spelling = Spelling("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "upper", "english")
    pools: list[list[str]] = []
    chance = random.Random(seed)
    for path in texts:
        lines = sorted({" ".join(words) for words in read_sentences(path, spelling) if 3 <= len(words) <= 10})
        chance.shuffle(lines)
        pools.append(lines)
    for number in range(num_songs):
        fitting = [pool for pool in pools if len(pool) >= LINES_A_SONG]
        if not fitting:
            return
        pool = chance.choice(fitting)
        lines = tuple(pool.pop() for _ in range(LINES_A_SONG))
        split = "validation" if chance.random() < validation else "train"
        yield Order(f"synthetic-{number:05}", lines, f"{seed} {number}", split, folder)


def main() -> None:
    """Make as many songs as asked for, and the manifests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", nargs="+", type=Path, help="texts: .txt, .xz, .gz, or folders of them")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--songs", type=int, default=600, help=f"of {LINES_A_SONG} lines each, about 45 s")
    parser.add_argument("--validation", type=float, default=0.03, help="share of songs held out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=None)
    arguments = parser.parse_args()
    (arguments.output / "audio").mkdir(parents=True, exist_ok=True)
    wanted = orders(arguments.texts, arguments.songs, arguments.seed, arguments.validation, arguments.output)
    rows: dict[str, list[str]] = {"train": [], "validation": [], SONGS: []}
    seconds = 0.0
    with ProcessPoolExecutor(arguments.workers) as pool:
        while batch := list(islice(wanted, 50)):
            for order, (song, chunks) in zip(batch, pool.map(make_song, batch), strict=True):
                rows[SONGS].append(to_line(song.to_dict()))
                rows[order.split] += [to_line(chunk.to_dict()) for chunk in chunks]
                seconds += song.duration_s
            print(f"{len(rows[SONGS])} songs, {seconds / 3600:.2f} hours", file=sys.stderr)
    write_text(arguments.output / SONGS, "".join(rows[SONGS]))
    for split in ("train", "validation"):
        write_text(arguments.output / f"{split}.jsonl", "".join(rows[split]))


if __name__ == "__main__":
    main()
