"""How good are vocals and instrumental on mixes whose truth is known?

    python recipes/singing/make.py TEXT --engine espeak --engine flite --songs 3 --output singing/
    python recipes/singing/accompany.py --stereo --pieces 4 --output backing/
    python benchmarks/separation_quality.py --voices vocadito_1.wav singing/audio/*sung1-00.flac --backings backing/ song.mp3

Every voice (in the middle of the stereo image) is mixed with every backing at several levels of voice to backing. Prints
SDR and SI-SDR in decibels of vocals and instrumental, means over mixes, for every separator whose weights are on this
machine; "mix" is the mix itself, taken for either.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.media import SUFFIXES, open_path
from lyricsrec.base.device import Compute
from lyricsrec.base.errors import ModelError
from lyricsrec.scoring.metrics.separation import pool_separation, separation_figures
from lyricsrec.scoring.results import SeparationFigures
from lyricsrec.separation.base import Separator, Stems
from lyricsrec.separation.registry import load_separator
from lyricsrec.separation.settings import SeparateConfig

SYSTEMS = {
    "mix": ("none", "auto", False),
    "center": ("center", "auto", False),
    "spleeter": ("spleeter", "auto", False),
    "spleeter, float32": ("spleeter", "float32", False),
    "spleeter, treble": ("spleeter", "float32", True),
    "htdemucs": ("htdemucs", "auto", False),
    "htdemucs_ft": ("htdemucs_ft", "auto", False),
}
"""Separator, number format, and whether Spleeter masks what is above 11 kHz."""
EXCERPT_AT_S = 20.0
"""Where the excerpt of a longer backing begins."""


@dataclass(frozen=True)
class Mixed:
    """A mix and the stems that it is the sum of."""

    mix: Audio
    truth: Stems


def files_in(paths: list[Path]) -> Iterator[Path]:
    """The sound files among paths and in folders."""
    for path in paths:
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        yield from (file for file in inside if file.suffix.lower() in SUFFIXES)


def read(path: Path, start_s: float, seconds: float) -> Audio:
    """An excerpt of a file, in stereo; of shorter files all."""
    with open_path(path) as song:
        start_s = start_s if (song.duration_s or 0) > start_s + seconds else 0.0
        return song.excerpt(start_s, start_s + seconds)


def mixed(voice: Audio, backing: Audio, level_db: float) -> Mixed:
    """A voice over a backing, whose power is `level_db` below that of the voice; neither is clipped."""
    length = min(voice.num_samples, backing.num_samples)
    parts = [part.samples[:, :length].astype(np.float64) for part in (voice, backing)]
    parts = [part / np.sqrt(np.mean(part**2)) for part in parts]
    parts[1] *= 10 ** (-level_db / 20)
    loudest = np.abs(parts[0] + parts[1]).max()
    vocals, instrumental = (Audio((part / loudest).astype(np.float32), voice.sample_rate) for part in parts)
    return Mixed(Audio(vocals.samples + instrumental.samples, voice.sample_rate), Stems(vocals, instrumental))


def available() -> dict[str, Separator]:
    """The separators whose weights are on this machine."""
    found = {}
    for label, (name, dtype, treble) in SYSTEMS.items():
        try:
            found[label] = load_separator(name, SeparateConfig(treble=treble), Compute("cpu", dtype), offline=True)
        except ModelError:
            print(f"{label}: no weights in the cache")
    return found


def figures(separator: Separator, song: Mixed) -> dict[str, SeparationFigures]:
    """The figures of both stems."""
    stems = separator.separate(song.mix) if separator.name != "none" else Stems(song.mix, song.mix)
    return {
        "vocals": separation_figures(song.truth.vocals, stems.vocals),
        "instrumental": separation_figures(song.truth.instrumental, stems.instrumental),
    }


def show(results: dict[tuple[str, float, str], list[SeparationFigures]], levels: list[float]) -> None:
    """A table of the means."""
    print(f"| {'separator':18} | voice to backing | vocals SDR | SI-SDR | instrumental SDR | SI-SDR |")
    print("| --- | --- | --- | --- | --- | --- |")
    for label in dict.fromkeys(key[0] for key in results):
        for level in levels:
            means = [pool_separation(results[label, level, stem]) for stem in ("vocals", "instrumental")]
            cells = [
                f"{value:5.1f}" for mean in means if mean for value in (mean.sdr, mean.si_sdr) if value is not None
            ]
            print(f"| {label:18} | {level:+3.0f} dB | {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--voices", type=Path, nargs="+", required=True, help="sound files of a voice alone, or folders"
    )
    parser.add_argument(
        "--backings", type=Path, nargs="+", required=True, help="sound files without voices, or folders"
    )
    parser.add_argument("--levels", type=float, nargs="+", default=[-6.0, 0.0, 6.0])
    parser.add_argument("--seconds", type=float, default=20.0, help="longest excerpt of each voice")
    arguments = parser.parse_args()
    voices, backings = list(files_in(arguments.voices)), list(files_in(arguments.backings))
    separators = available()
    print(f"{len(voices)} voices, {len(backings)} backings, {len(voices) * len(backings)} mixes at each level")
    results: dict[tuple[str, float, str], list[SeparationFigures]] = defaultdict(list)
    for voice in voices:
        singing = read(voice, 0.0, arguments.seconds)
        for backing in backings:
            music = read(backing, EXCERPT_AT_S, arguments.seconds)
            for level in arguments.levels:
                song = mixed(singing, music, level)
                for label, separator in separators.items():
                    for stem, found in figures(separator, song).items():
                        results[label, level, stem].append(found)
    show(results, arguments.levels)


if __name__ == "__main__":
    main()
