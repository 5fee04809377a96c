"""Random accompaniments: chords, bass and drums, rendered with a General MIDI soundfont.

Needs fluidsynth and fluid-soundfont-gm (Debian packages) and mido (PyPI). See README.md.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import mido
import soundfile

SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
CHORDS = (0, 4, 5, 3, 1, 5, 3, 4)
CHORD_PROGRAMS = (0, 4, 5, 16, 19, 24, 25, 26, 27, 28, 29, 30, 46, 48, 50, 61, 62, 81, 88, 89)
BASS_PROGRAMS = (32, 33, 34, 35, 36, 38, 39)
SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))
DRUMS = 9
TICKS = 480


def compose(rng: random.Random, num_bars: int) -> mido.MidiFile:
    """A piece of `num_bars` bars: a repeated chord progression with a bass and, in most pieces, drums."""
    song = mido.MidiFile(ticks_per_beat=TICKS)
    key, scale = rng.randint(40, 52), rng.choice(SCALES)
    progression = [rng.choice(CHORDS) for _ in range(4)]
    events: list[tuple[int, mido.Message]] = []

    def play(channel: int, note: int, beat: float, beats: float, velocity: int) -> None:
        start = round(beat * TICKS)
        note = min(max(note, 20), 100)
        events.append((start, mido.Message("note_on", channel=channel, note=note, velocity=velocity)))
        events.append((start + round(beats * TICKS) - 1, mido.Message("note_off", channel=channel, note=note)))

    def degree(step: int) -> int:
        octave, place = divmod(step, len(scale))
        return key + 12 * octave + scale[place]

    layers = rng.randint(1, 3)
    for channel in range(layers):
        events.append((0, mido.Message("program_change", channel=channel, program=rng.choice(CHORD_PROGRAMS))))
    events.append((0, mido.Message("program_change", channel=4, program=rng.choice(BASS_PROGRAMS))))
    strummed = [rng.choice((0.5, 1.0, 2.0, 4.0)) for _ in range(layers)]
    bass_beats, has_drums = rng.choice((0.5, 1.0, 2.0)), rng.random() < 0.75
    for bar in range(num_bars):
        root = progression[bar % len(progression)]
        for channel, length in enumerate(strummed):
            for i in range(round(4 / length)):
                tones = [degree(root + step) + 12 for step in (0, 2, 4)]
                # Broken chords have one note at a time, like melodies.
                sounding = [tones[i % 3] + 12] if length == 0.5 else tones
                for tone in sounding:
                    play(channel, tone, 4 * bar + i * length, length, rng.randint(55, 95))
        for i in range(round(4 / bass_beats)):
            play(4, degree(root) - 12, 4 * bar + i * bass_beats, bass_beats, rng.randint(70, 100))
        for eighth in range(8) if has_drums else ():
            play(DRUMS, 42, 4 * bar + eighth / 2, 0.25, rng.randint(40, 80))
            if eighth % 4 == 0 or rng.random() < 0.1:
                play(DRUMS, 36, 4 * bar + eighth / 2, 0.25, 100)
            if eighth % 4 == 2:
                play(DRUMS, 38, 4 * bar + eighth / 2, 0.25, 95)
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(rng.randint(70, 160))))
    now = 0
    for tick, message in sorted(events, key=lambda event: event[0]):
        track.append(message.copy(time=tick - now))
        now = tick
    song.tracks.append(track)
    return song


def main() -> None:
    """Render the pieces as FLAC."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--pieces", type=int, default=60, help="number of pieces of 16 bars, 25 to 55 s each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stereo", action="store_true", help="stereo at 44.1 kHz instead of mono at 22.05 kHz")
    parser.add_argument("--soundfont", type=Path, default=SOUNDFONT)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    rate = "44100" if arguments.stereo else "22050"
    for number in range(arguments.pieces):
        with TemporaryDirectory() as folder:
            midi, wave = Path(folder) / "piece.mid", Path(folder) / "piece.wav"
            compose(random.Random(f"{arguments.seed} {number}"), 16).save(midi)
            command = ["fluidsynth", "-ni", "-g", "0.5", "-r", rate, "-F", str(wave), str(arguments.soundfont)]
            subprocess.run([*command, str(midi)], check=True, capture_output=True)
            samples, _ = soundfile.read(wave)
        channels = samples if arguments.stereo else samples.mean(axis=1)
        soundfile.write(arguments.output / f"piece-{number:03}.flac", channels, int(rate))
        print(f"{number + 1} of {arguments.pieces} pieces", end="\r", file=sys.stderr)


if __name__ == "__main__":
    main()
