"""Chords, key and tempo against the truth: pieces rendered by FluidSynth, and the tempi of UltraStar songs.

The pieces are progressions of triads and sevenths in random keys, with the instruments, bass and drums of
recipes/singing/accompany.py; their chords, key and tempo are known exactly. Needs the extra `chords`, mido (PyPI),
fluidsynth and fluid-soundfont-gm (Debian packages).
"""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import dataclass
from pathlib import Path

import mido
import mir_eval
import numpy as np
from corpus import TICKS, Event, synthesise

from lyricsrec.audio.audio import Samples
from lyricsrec.audio.media import open_path
from lyricsrec.lyrics.music.harmony import PITCH_CLASSES, Mode
from lyricsrec.music.harmony.beats import beats_of
from lyricsrec.music.harmony.chords.find import Harmony, decode, find_evidence
from lyricsrec.music.harmony.chords.settings import ChordConfig
from lyricsrec.music.harmony.chords.vocabulary import VOCABULARIES
from lyricsrec.music.harmony.chords.weights import load_networks
from lyricsrec.music.harmony.spectra import RATE, read_mono

SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
DRUMS = 9
PROGRAMS = (0, 4, 5, 16, 19, 24, 25, 26, 27, 28, 46, 48, 50, 61, 81, 88)
BASS_PROGRAMS = (32, 33, 34, 35, 36, 38, 39)
# Tones above the root, and what Harte's syntax calls the chord.
KINDS = {"maj": (0, 4, 7), "min": (0, 3, 7), "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "min7": (0, 3, 7, 10)}
# Semitones above the tonic and kinds: what songs in major and minor are made of, with sevenths in every other piece.
PROGRESSIONS: dict[Mode, tuple[tuple[tuple[int, str], ...], ...]] = {
    "major": (
        ((0, "maj"), (7, "maj"), (9, "min"), (5, "maj")),
        ((0, "maj"), (9, "min"), (5, "maj"), (7, "maj")),
        ((0, "maj"), (5, "maj"), (0, "maj"), (7, "maj")),
        ((0, "maj"), (4, "min"), (5, "maj"), (7, "maj")),
        ((0, "maj7"), (9, "min7"), (2, "min7"), (7, "7")),
    ),
    "minor": (
        ((0, "min"), (8, "maj"), (3, "maj"), (10, "maj")),
        ((0, "min"), (5, "min"), (7, "maj"), (0, "min")),
        ((0, "min"), (10, "maj"), (8, "maj"), (7, "maj")),
        ((0, "min7"), (5, "min7"), (10, "7"), (3, "maj7")),
    ),
}
BARS = 16


@dataclass(frozen=True)
class Piece:
    """A rendered piece: its signal, and the truth."""

    signal: Samples
    labels: list[str]
    key: str
    bpm: float
    cents: int


def compose(rng: random.Random) -> tuple[list[Event], list[str], str, int]:
    """A piece of `BARS` bars of one chord each: its events, the label of each bar, key and tempo."""
    mode = rng.choice(list(PROGRESSIONS))
    tonic, progression, bpm = rng.randrange(12), rng.choice(PROGRESSIONS[mode]), rng.randint(70, 160)
    events: list[Event] = []

    def play(channel: int, note: int, beat: float, beats: float) -> None:
        velocity = rng.randint(65, 100)
        events.append((round(beat * TICKS), 0, mido.Message("note_on", channel=channel, note=note, velocity=velocity)))
        stop = mido.Message("note_off", channel=channel, note=note)
        events.append((round((beat + beats) * TICKS) - 1, 0, stop))

    layers = [(channel, rng.choice((0.5, 1.0, 2.0, 4.0))) for channel in range(rng.randint(1, 3))]
    programs = [*((channel, rng.choice(PROGRAMS)) for channel, _ in layers), (4, rng.choice(BASS_PROGRAMS))]
    events += [(0, 0, mido.Message("program_change", channel=c, program=program)) for c, program in programs]
    has_drums = rng.random() < 0.75
    for bar in range(BARS):
        step, kind = progression[bar % len(progression)]
        root = (tonic + step) % 12
        for channel, length in layers:
            for i in range(round(4 / length)):
                tones = [55 + (root - 7) % 12 + tone for tone in KINDS[kind]]
                # Broken chords have one note at a time.
                for tone in [tones[i % len(tones)] + 12] if length == 0.5 else tones:
                    play(channel, tone, 4 * bar + i * length, length)
        for i in range(4):
            play(4, 36 + root, 4 * bar + i, 1)
        for eighth in range(8) if has_drums else ():
            play(DRUMS, 42, 4 * bar + eighth / 2, 0.25)
            if eighth in (0, 4, 2, 6):
                play(DRUMS, 36 if eighth % 4 == 0 else 38, 4 * bar + eighth / 2, 0.25)
    labels = [
        f"{PITCH_CLASSES[(tonic + progression[bar % len(progression)][0]) % 12]}:{progression[bar % len(progression)][1]}"
        for bar in range(BARS)
    ]
    return events, labels, f"{PITCH_CLASSES[tonic]} {mode}", bpm


def render(rng: random.Random, soundfont: Path) -> Piece:
    """A piece, every third one tuned up to 45 cents higher or lower, as old recordings are."""
    events, labels, key, bpm = compose(rng)
    cents = rng.randint(-45, 45) if rng.random() < 1 / 3 else 0
    signal = synthesise(events, 60 / bpm, soundfont)
    if cents:
        factor = 2 ** (cents / 1200)
        at = np.arange(0, len(signal) - 1, factor)
        signal = np.interp(at, np.arange(len(signal)), signal).astype(np.float32)
        return Piece(signal, labels, key, bpm * factor, cents)
    return Piece(signal, labels, key, bpm, 0)


def chord_scores(piece: Piece, found: Harmony) -> dict[str, float]:
    """Weighted chord symbol recall of mir_eval, within the bars that are played."""
    bar_s = 4 * 60 / piece.bpm
    truth = np.array([(bar * bar_s, (bar + 1) * bar_s) for bar in range(BARS)])
    times = np.array([(chord.start_s, chord.end_s) for chord in found.chords])
    labels = [chord.label for chord in found.chords]
    return dict(mir_eval.chord.evaluate(truth, piece.labels, times, labels))


def main() -> None:
    """Print a table for each vocabulary, then keys and tempi."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("songs", type=Path, nargs="*", help="folders with audio and an UltraStar file, for the tempo")
    parser.add_argument("--pieces", type=int, default=24)
    parser.add_argument("--penalty", type=float, default=ChordConfig.change_penalty, help="price of a change")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--soundfont", type=Path, default=SOUNDFONT)
    arguments = parser.parse_args()
    pieces = [render(random.Random(f"{arguments.seed} {i}"), arguments.soundfont) for i in range(arguments.pieces)]
    print(f"{len(pieces)} pieces, {sum(len(piece.signal) for piece in pieces) / RATE / 60:.1f} minutes")
    names = ("root", "majmin", "sevenths", "mirex", "overseg", "underseg")
    print("vocabulary".ljust(20), *(name.rjust(9) for name in names))
    # Loaded before the clock runs.
    load_networks()
    begin = time.process_time()
    evidence = [find_evidence(piece.signal) for piece in pieces]
    speed = sum(len(piece.signal) for piece in pieces) / RATE / (time.process_time() - begin)
    for vocabulary in VOCABULARIES:
        for snaps in (False, True):
            config = ChordConfig(vocabulary=vocabulary, snaps_to_beats=snaps, change_penalty=arguments.penalty)
            found = [decode(each, config) for each in evidence]
            scores = [chord_scores(piece, harmony) for piece, harmony in zip(pieces, found, strict=True)]
            means = [float(np.mean([score[name] for score in scores])) for name in names]
            label = vocabulary + (", beats" if snaps else "")
            print(label.ljust(20), *(f"{mean:9.3f}" for mean in means))
    print(f"{speed:.1f} times real time on one core")
    print_keys(pieces, found)
    for folder in arguments.songs:
        print_tempo(folder)


def print_keys(pieces: list[Piece], found: list[Harmony]) -> None:
    """How many keys, tunings and tempi of the pieces are right."""
    keys = [harmony.key.name if harmony.key else "none" for harmony in found]
    right = sum(key == piece.key for key, piece in zip(keys, pieces, strict=True))
    weighted = [
        mir_eval.key.weighted_score(mir_key(piece.key), mir_key(key)) for key, piece in zip(keys, pieces, strict=True)
    ]
    print(f"keys: {right} of {len(pieces)} right, MIREX score {np.mean(weighted):.2f}")
    off = [abs(h.key.tuning_cents - p.cents) for h, p in zip(found, pieces, strict=True) if h.key]
    print(f"tuning: median error {np.median(off):.1f} cents, greatest {np.max(off):.1f}")
    ratios = [h.beats.bpm / p.bpm if h.beats else 0 for h, p in zip(found, pieces, strict=True)]
    print(
        f"tempi of pieces: {sum(abs(r - 1) < 0.02 for r in ratios)} of {len(pieces)} right, "
        f"{sum(is_close(r) for r in ratios)} up to a factor of two"
    )


def mir_key(name: str) -> str:
    """A key with the names that mir_eval knows."""
    return name.replace("none", "X").replace("Db", "C#")


def is_close(ratio: float) -> bool:
    """Whether a tempo is right within 2 %, or twice or half the right one."""
    return any(abs(ratio / factor - 1) < 0.02 for factor in (0.5, 1, 2))


def print_tempo(folder: Path) -> None:
    """The tempo of a song, and that of its UltraStar file (whose beats are quarters of those that are counted)."""
    text = next(folder.glob("*.txt")).parent.joinpath("song.txt").read_text("utf-8", "replace")
    rows = [row for row in text.splitlines() if row.upper().startswith("#BPM")]
    written = float(rows[0].partition(":")[2].replace(",", ".")) / 4
    audio = next(path for path in sorted(folder.iterdir()) if path.suffix in (".mp3", ".ogg"))
    with open_path(audio) as song:
        beats = beats_of(read_mono(song))
    bpm = beats.bpm if beats else 0.0
    # UltraStar files are often written at twice or four times the tempo.
    fits = any(is_close(written * factor / bpm) for factor in (1, 2, 4)) if bpm else False
    print(f"{folder.name}: {bpm:.1f} beats a minute, UltraStar {written:.1f}, {'fits' if fits else 'differs'}")


if __name__ == "__main__":
    main()
