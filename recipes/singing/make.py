"""Makes a data set of synthetic speech and singing, with the usual manifests. See README.md."""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from languages import LANGUAGES, word_lines
from languages import random_voice as foreign_voice
from lines import line_pools
from singer import Signal, Singer, Speech, doubled, in_room, through_a_mixer
from voices import SHARES, Voice, random_voice

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.resample import resample
from lyricsrec.base.output import write_text
from lyricsrec.dataset.chunk_audio import write_flac
from lyricsrec.dataset.manifest import SONGS, ChunkRow, SongRow, to_line
from lyricsrec.lyrics.normalise import romanize
from lyricsrec.lyrics.transcript import Line, Word

Made = tuple[SongRow, list[ChunkRow]]

LINES_A_SONG = 12
RATE = 16_000
KINDS = {"verse": 0.35, "phrases": 0.45, "strings": 0.2}
LONGEST_S = 20.0
SINGERS = 2


@dataclass(frozen=True)
class Order:
    """A song to make: its lines, its speaker, and its random seed."""

    song_id: str
    lines: tuple[str, ...]
    voice: Voice
    seed: str
    split: str
    folder: Path
    language: str = "en"


@dataclass(frozen=True)
class Spoken:
    """A spoken line; `rate` is in Hz."""

    text: str
    samples: Signal
    rate: int


@dataclass(frozen=True)
class Take:
    """A spoken or sung line, at `RATE`."""

    text: str
    samples: Signal


def make_song(order: Order) -> list[Made]:
    """Synthesise the lines of a song, and make the songs of `arranged` from them."""
    torch.set_num_threads(1)
    spoken: list[Spoken] = []
    with TemporaryDirectory() as folder:
        for text in order.lines:
            try:
                samples, rate = order.voice.speak(text.lower(), Path(folder))
            except (subprocess.SubprocessError, OSError):
                continue
            if len(samples) > rate // 2:
                spoken.append(Spoken(text, samples, rate))
    return arranged(order, spoken)


def arranged(order: Order, spoken: Sequence[Spoken]) -> list[Made]:
    """The spoken lines as one song, and a sung version by each of `SINGERS` random singers."""
    rng = random.Random(order.seed)
    made = [_song(order, "spoken", [Take(line.text, _at_rate(line.samples, line.rate)) for line in spoken], rng)]
    parts = [(line.text, Speech.of(line.samples, line.rate)) for line in spoken]
    for number in range(SINGERS):
        singer = Singer.draw(rng)
        takes = [
            Take(text, _at_rate(singer.sing(speech, rng), speech.rate)) for text, speech in parts if speech.is_voiced
        ]
        made.append(_song(order, f"sung{number + 1}", takes, rng))
    return [song for song in made if song[1]]


def _at_rate(samples: Signal, rate: int) -> Signal:
    resampled = resample(torch.from_numpy(samples), rate, RATE)
    return np.asarray(resampled.numpy(), np.float64)


def _song(order: Order, kind: str, takes: Sequence[Take], rng: random.Random) -> Made:
    """The manifest rows of a song. Each chunk is a file with one or several lines and pauses between them."""
    song_id = f"{order.song_id}-{kind}"
    has_room, has_double = rng.random() < 0.6, kind != "spoken" and rng.random() < 0.25
    chunks: list[ChunkRow] = []
    for number, group in enumerate(_groups(takes, rng)):
        samples = _joined(group, rng)
        if has_double:
            samples = doubled(samples, RATE, rng)
        if has_room:
            samples = in_room(samples, RATE, rng)
        samples = through_a_mixer(samples, RATE, rng) * rng.uniform(0.3, 0.9)
        name = f"audio/{song_id}-{number:02}.flac"
        audio = Audio(samples[None].astype(np.float32), RATE)
        write_flac(order.folder / name, audio)
        words = tuple(Word(word, None, None) for take in group for word in take.text.split())
        text = romanize(" ".join(word.text for word in words))
        end_s = round(audio.duration_s, 3)
        chunks.append(
            ChunkRow(
                f"{song_id}-{number:04}", song_id, text, audio=name, start_s=0.0, end_s=end_s, offset_s=0.0, words=words
            )
        )
    seconds = sum(chunk.duration_s for chunk in chunks)
    lines = tuple(Line(chunk.words) for chunk in chunks)
    num_words = sum(len(chunk.words) for chunk in chunks)
    first = chunks[0].audio if chunks else ""
    title = f"{order.voice.engine} {order.voice.name}"
    row = SongRow(
        song_id,
        title,
        order.seed,
        language=order.language,
        ncc=None,
        is_ground_truth=False,
        split=order.split,
        audio=first,
        duration_s=seconds,
        num_words=num_words,
        num_chunks=len(chunks),
        lines=lines,
    )
    return row, chunks


def _groups(takes: Sequence[Take], rng: random.Random) -> Iterator[list[Take]]:
    """Groups of takes, one for each chunk."""
    group: list[Take] = []
    wanted = rng.randint(1, 4)
    for take in takes:
        if group and (len(group) >= wanted or sum(len(t.samples) for t in [*group, take]) > (LONGEST_S - 5) * RATE):
            yield group
            group, wanted = [], rng.randint(1, 4)
        group.append(take)
    if group:
        yield group


def _joined(takes: Sequence[Take], rng: random.Random) -> Signal:
    """Takes at about the same loudness, with pauses before, between and after them."""

    def pause(longest_s: float) -> Signal:
        return np.zeros(round(min(rng.expovariate(2.0), longest_s) * RATE))

    pieces = [pause(2.0)]
    for take in takes:
        level = float(np.sqrt(np.mean(take.samples**2))) or 1.0
        pieces += [take.samples / level * 10 ** (rng.uniform(-2, 2) / 20), pause(1.5)]
    joined = np.concatenate(pieces)[: round(LONGEST_S * RATE)]
    return np.asarray(joined / (float(np.abs(joined).max()) or 1.0))


def write_manifests(folder: Path, songs: Sequence[Made]) -> None:
    """Write the songs and the chunks of each split, after those of other songs already in the manifests."""
    rows = {SONGS: [song.to_dict() for song, _ in songs]}
    for split in ("train", "validation"):
        rows[f"{split}.jsonl"] = [chunk.to_dict() for song, chunks in songs if song.split == split for chunk in chunks]
    marks = tuple(f'"song_id":"{song.song_id}"' for song, _ in songs)
    for name, fields in rows.items():
        path = folder / name
        before = path.read_text("utf-8").splitlines(keepends=True) if path.is_file() else []
        others = [line for line in before if not any(mark in line for mark in marks)]
        write_text(path, "".join([*others, *(to_line(row) for row in fields)]))


def orders(
    pools: Mapping[str, list[str]],
    num_songs: int,
    seed: str,
    validation: float,
    folder: Path,
    engines: Mapping[str, float],
    language: str = "en",
) -> Iterator[Order]:
    """Songs with lines of one kind each; every line is used once."""
    rng = random.Random(seed)
    for number in range(num_songs):
        kinds = [kind for kind in KINDS if len(pools[kind]) >= LINES_A_SONG]
        if not kinds:
            return
        pool = pools[rng.choices(kinds, [KINDS[kind] for kind in kinds])[0]]
        lines = tuple(pool.pop() for _ in range(LINES_A_SONG))
        split = "validation" if rng.random() < validation else "train"
        voice = random_voice(rng, dict(engines)) if language == "en" else foreign_voice(LANGUAGES[language], rng)
        yield Order(f"{seed}-{number:05}", lines, voice, f"{seed} {number}", split, folder, language)


def main() -> None:
    """Make the songs and the manifests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", nargs="*", type=Path, help="English texts: .txt, .xz, .gz, or folders of them")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument(
        "--songs", type=int, default=300, help=f"number of songs of {LINES_A_SONG} lines, each spoken and sung"
    )
    parser.add_argument("--engine", action="append", choices=list(SHARES), help="use only this engine; may repeat")
    parser.add_argument("--language", default="en", choices=["en", *LANGUAGES], help="language of the lines")
    parser.add_argument("--validation", type=float, default=0.03, help="share of validation songs")
    parser.add_argument("--seed", default="synthetic")
    parser.add_argument("--workers", type=int, default=None)
    arguments = parser.parse_args()
    (arguments.output / "audio").mkdir(parents=True, exist_ok=True)
    engines = {engine: SHARES[engine] for engine in arguments.engine or SHARES}
    rng, count = random.Random(arguments.seed), arguments.songs * LINES_A_SONG
    if arguments.language == "en":
        pools = line_pools(arguments.texts, rng, count)
    else:
        pools = {kind: word_lines(arguments.language, rng, count) if kind == "strings" else [] for kind in KINDS}
    wanted = orders(
        pools,
        arguments.songs,
        arguments.seed,
        arguments.validation,
        arguments.output,
        engines,
        arguments.language,
    )
    songs: list[Made] = []
    with ProcessPoolExecutor(arguments.workers) as pool:
        while batch := list(islice(wanted, 20)):
            songs += [made for several in pool.map(make_song, batch) for made in several]
            write_manifests(arguments.output, songs)
            hours = sum(song.duration_s for song, _ in songs) / 3600
            print(f"{len(songs)} songs, {hours:.2f} hours", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
