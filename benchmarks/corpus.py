"""Pieces of music21's corpus, rendered by FluidSynth: key, tempo and beats are known.

Chorales by Bach (four voices), folk songs from Germany (one voice, the Essen collection) and fiddle tunes (one voice,
Ryan's Mammoth Collection) in random keys, tempi and instruments, every third one out of tune. Pieces whose written key
does not fit their last note are left out (modes, half closes, wrong signatures). Needs mido and music21 (PyPI),
fluidsynth and fluid-soundfont-gm (Debian packages); nothing of the corpus is copied. Other benchmarks use the pieces;
run by itself, it writes them as WAV into a folder and prints their keys and tempi.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import mido
import music21
import numpy as np
import soundfile

from lyricsrec.audio.audio import Samples
from lyricsrec.audio.media import open_path
from lyricsrec.lyrics.music.harmony import PITCH_CLASSES, Key, pitch_class
from lyricsrec.music.harmony.spectra import RATE, read_mono

SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
TICKS = 480
Event = tuple[int, int, mido.Message]
"""A message at a tick; of those at the same one, the lower number comes first."""
PROGRAMS = (0, 0, 4, 6, 16, 19, 19, 21, 24, 25, 40, 42, 48, 48, 52, 52, 53, 61, 68, 71, 73, 79)
LONGEST_S, USUAL_S = 60.0, 40.0
ROOT = Path(music21.__file__).parent / "corpus"


@dataclass(frozen=True)
class Score:
    """Notes as (beginning, end, MIDI pitch, part), in quarters; `beat` is as long as listeners tap, `first` on one."""

    notes: list[tuple[float, float, int, int]]
    bar: float
    beat: float
    first: float

    def sung_for(self, quarters: float) -> Score:
        """The piece, again and again for about that long, a whole number of bars apart."""
        start, end = min(note[0] for note in self.notes), max(note[1] for note in self.notes)
        strophe = math.ceil((end - start) / self.bar - 0.01) * self.bar
        shifts = [strophe * i for i in range(max(round(quarters / strophe), 1))]
        again = [(b + shift, e + shift, pitch, part) for shift in shifts for b, e, pitch, part in self.notes]
        return replace(self, notes=again)


@dataclass(frozen=True, eq=False)
class Rendered:
    """A rendered piece: its signal and the truth. `semitones` is how much higher it sounds than it is written."""

    name: str
    signal: Samples
    key: Key
    semitones: int
    quarter_s: float
    bpm: float
    beats_s: Samples


def chorales() -> Iterator[tuple[str, Callable[[], tuple[Score, Key] | None]]]:
    """Names of the chorales, and what reads them."""
    for path in sorted((ROOT / "bach").glob("bwv*.mxl")):
        yield path.stem, lambda path=path: read_chorale(path)  # type: ignore[misc]


def folk_songs() -> Iterator[tuple[str, Callable[[], tuple[Score, Key] | None]]]:
    """Names of the songs of the Essen collection, and what reads them."""
    for path in sorted((ROOT / "essenFolksong").glob("*.abc")):
        for number in re.findall(r"(?m)^X: *(\d+)", path.read_text("utf-8", "replace")):
            yield f"{path.stem} {number}", lambda path=path, number=number: read_tune(path, int(number))  # type: ignore[misc]


def fiddle_tunes() -> Iterator[tuple[str, Callable[[], tuple[Score, Key] | None]]]:
    """Names of the tunes of Ryan's collection, and what reads them."""
    for path in sorted((ROOT / "ryansMammoth").glob("*.abc")):
        yield path.stem, lambda path=path: read_tune(path)  # type: ignore[misc]


KINDS = {"chorales": chorales, "folk songs": folk_songs, "fiddle tunes": fiddle_tunes}


def read_chorale(path: Path) -> tuple[Score, Key] | None:
    """A chorale and its key; None where the key in the file does not fit the last bass note."""
    stream = music21.converter.parse(path)
    keys = list(stream.flatten().getElementsByClass(music21.key.Key))
    return _checked(stream, keys[0].tonic.name, keys[0].mode) if keys else None


def read_tune(path: Path, number: int | None = None) -> tuple[Score, Key] | None:
    """A tune in ABC and its key, as `read_chorale`; modes other than major and minor are left out."""
    text = path.read_text("utf-8", "replace")
    if number is not None:
        text = next(tune for tune in re.split(r"(?m)^(?=X:)", text) if re.match(rf"X: *{number}\b", tune))
    key = re.search(r"(?m)^K: *([A-G][b#]?) *(m|min|minor|maj|major)? *$", text)
    if key is None:
        return None
    try:
        stream = music21.converter.parse(text, format="abc")
    except Exception:
        return None
    return _checked(stream, key[1], "minor" if (key[2] or "maj") in ("m", "min", "minor") else "major")


def _checked(stream: music21.stream.Score, tonic: str, mode: str) -> tuple[Score, Key] | None:
    score = read_score(stream)
    if score is None or mode not in ("major", "minor"):
        return None
    end = max(note[1] for note in score.notes)
    last = min((note for note in score.notes if note[1] > end - 0.1), key=lambda note: note[2])
    at = pitch_class(tonic.replace("-", "b"))
    return (score, Key(PITCH_CLASSES[at], mode)) if last[2] % 12 == at else None  # type: ignore[arg-type]


def read_score(stream: music21.stream.Score) -> Score | None:
    """Notes and metre; None where there are few notes, or bars do not lie where the first ones put them."""
    parts = list(stream.parts) or [stream]
    notes = [
        (float(note.offset), float(note.offset + note.quarterLength), pitch.midi, index)
        for index, part in enumerate(parts)
        for note in part.flatten().stripTies().notes
        if not note.duration.isGrace and not isinstance(note, music21.harmony.Harmony)
        for pitch in note.pitches
    ]
    metres = list(parts[0].flatten().getElementsByClass(music21.meter.TimeSignature))
    bars = list(parts[0].getElementsByClass(music21.stream.Measure))
    if len(notes) < 24 or len({metre.ratioString for metre in metres}) != 1:
        return None
    bar, beat = float(metres[0].barDuration.quarterLength), float(metres[0].beatDuration.quarterLength)
    full = [float(measure.offset) for measure in bars if abs(measure.duration.quarterLength - bar) < 0.01]
    if not full or np.mean([abs((offset - full[0] + 0.1) % beat - 0.1) < 0.01 for offset in full]) < 0.95:
        return None
    return Score(notes, bar, beat, full[0])


def render(name: str, score: Score, key: Key, *, rng: random.Random, soundfont: Path = SOUNDFONT) -> Rendered:
    """Up to a minute of a piece, short ones repeated, in random key, tempo and instruments; one in three out of tune."""
    quarter_s = 60 / rng.uniform(66, 150) / score.beat
    score = score.sung_for(USUAL_S / quarter_s)
    semitones = rng.randint(-5, 6)
    cents = rng.randint(-45, 45) if rng.random() < 1 / 3 else 0
    number = 1 + max(note[3] for note in score.notes)
    programs = [rng.choice(PROGRAMS)] * number if rng.random() < 0.5 else [rng.choice(PROGRAMS) for _ in range(number)]
    events = [
        (0, 1, mido.Message("program_change", channel=part, program=program)) for part, program in enumerate(programs)
    ]
    start = min(note[0] for note in score.notes)
    for begin, end, pitch, part in score.notes:
        if (begin - start) * quarter_s < LONGEST_S:
            told = {"channel": part, "note": pitch + semitones}
            accent = 10 if abs((begin - score.first + 0.1) % score.beat - 0.1) < 0.01 else 0
            on = mido.Message("note_on", velocity=rng.randint(60, 95) + accent, **told)
            events.append((round((begin - start) * TICKS), 1, on))
            events.append((round((end - start) * TICKS) - 10, 0, mido.Message("note_off", **told)))
    signal = synthesise(events, quarter_s, soundfont)
    factor = 2 ** (cents / 1200)
    if cents:
        signal = np.interp(np.arange(0, len(signal) - 1, factor), np.arange(len(signal)), signal).astype(np.float32)
    played = [note for note in score.notes if (note[0] - start) * quarter_s < LONGEST_S]
    grid = np.arange(-64, 1024) * score.beat + score.first
    kept = grid[(grid >= start - 1e-6) & (grid <= max(note[0] for note in played) + 1e-6)]
    beats = (kept - start) * quarter_s / factor
    return Rendered(
        name,
        signal,
        key.transposed(semitones),
        semitones,
        quarter_s / factor,
        60 * factor / (quarter_s * score.beat),
        beats,
    )


def synthesise(events: list[Event], quarter_s: float, soundfont: Path) -> Samples:
    """What FluidSynth makes of messages at ticks, at the rate of `spectra`."""
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=round(1e6 * quarter_s))])
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    song = mido.MidiFile(ticks_per_beat=TICKS)
    song.tracks.append(track)
    with TemporaryDirectory() as folder:
        midi, wave = Path(folder) / "piece.mid", Path(folder) / "piece.wav"
        song.save(midi)
        command = ["fluidsynth", "-ni", "-g", "0.5", "-r", "44100", "-F", str(wave), str(soundfont), str(midi)]
        subprocess.run(command, check=True, capture_output=True)
        with open_path(wave) as opened:
            return read_mono(opened)


def sample(kind: str, first: int, count: int, *, soundfont: Path = SOUNDFONT) -> Iterator[Rendered]:
    """Pieces `first` to `first` + `count` of a kind, in an order that chance has fixed."""
    names = list(KINDS[kind]())
    random.Random(kind).shuffle(names)
    usable = 0
    for name, read in names:
        found = read()
        if found is None:
            continue
        if usable >= first:
            yield render(name, *found, rng=random.Random(name), soundfont=soundfont)
        usable += 1
        if usable == first + count:
            return


def main() -> None:
    """Write pieces as WAV, to listen to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", choices=tuple(KINDS), default="chorales")
    parser.add_argument("--pieces", type=int, default=10)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for piece in sample(arguments.kind, 0, arguments.pieces):
        soundfile.write(arguments.folder / f"{piece.name}.wav", piece.signal, RATE)
        print(piece.name, piece.key.name, f"{piece.bpm:.1f}", sep="\t")


if __name__ == "__main__":
    main()
