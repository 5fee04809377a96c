"""How fast are the separators, and how near to the originals?

    python benchmarks/separation.py SONG [--seconds 60] [--families spleeter center] [--device cuda]
    python benchmarks/separation.py SONG --seconds 31.2 --families demucs

Separates an excerpt of one song, in turns, and prints the best of some rounds: x real time, the ratio to the first system
of the family, and the SI-SDR of the vocals, without the last two seconds, to those of its original. "plain" is Spleeter's model with the layers as they were
published (float32, batch normalisation, transposed convolutions). Demucs has random weights of the shape of htdemucs;
"apply_model" is its own function with its defaults: four stems, an overlap of 0.25, one random shift. Random weights are
far more sensitive than trained ones to where the windows lie, so the original for comparison has no shift; with 31.2
seconds (five windows) and an overlap of 0.25, ours lie at the same places, but for its sixth window in the last two seconds.
"""

from __future__ import annotations

import argparse
import copy
import random
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import torch
from demucs.apply import apply_model
from demucs.htdemucs import HTDemucs
from torch import Tensor, nn
from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.media import open_path
from lyricsrec.base.device import Compute
from lyricsrec.models.catalogue import MODELS
from lyricsrec.separation.base import Separator
from lyricsrec.separation.center import CenterSeparator
from lyricsrec.separation.demucs import DemucsSeparator
from lyricsrec.separation.settings import SeparateConfig
from lyricsrec.separation.spleeter import SpleeterSeparator, masked, read_vocals
from lyricsrec.separation.spleeter_net import Affine
from lyricsrec.separation.vocal_net import VocalNet, standardize

LAST = 2 * 44_100

System = Callable[[Audio], Tensor]
"""The vocals (2, samples) of a song."""


def unfolded(module: nn.Module) -> nn.Module:
    """A copy with batch normalisation as published, instead of folded into a scale and a shift."""
    copied = copy.deepcopy(module)
    for parent in list(copied.modules()):
        for name, child in parent.named_children():
            if isinstance(child, Affine):
                norm = nn.BatchNorm2d(len(child.scale), eps=1e-30)
                norm.weight, norm.bias = child.scale, child.shift
                setattr(parent, name, norm)
    return copied.eval()


def of_separator(separator: Separator) -> System:
    return lambda song: torch.from_numpy(separator.separate(song).vocals.samples)


def spleeter_systems(device: str) -> dict[str, System]:
    """The plain model, and ours in each number format."""
    vocals = read_vocals(MODELS["spleeter"].source.resolve())
    plain = unfolded(vocals.net).to(device)

    def masks(magnitudes: Tensor, first: int, last: int) -> Tensor:
        return plain(magnitudes)[:, :, first:last]

    formats = ("float32", "bfloat16") if device == "cpu" else ("float32", "bfloat16", "float16")
    ours = {
        f"spleeter, {dtype}": of_separator(SpleeterSeparator(copy.deepcopy(vocals), Compute(device, dtype)))
        for dtype in formats
    }
    return {"spleeter, plain": lambda song: masked(torch.from_numpy(song.samples).to(device), masks).cpu()} | ours


def center_systems(_: str) -> dict[str, System]:
    return {"center": of_separator(CenterSeparator())}


def demucs_systems(device: str) -> dict[str, System]:
    """apply_model, and ours with its overlap, with our own, and in bfloat16."""
    torch.manual_seed(0)
    sources = ["drums", "bass", "other", "vocals"]
    model = HTDemucs(sources, bottom_channels=512, segment=Fraction(39, 5), samplerate=44_100, dconv_mode=3).eval()

    def original(shifts: int) -> System:
        def separate(song: Audio) -> Tensor:
            random.seed(0)
            standard, mean, std = standardize(torch.from_numpy(song.samples)[None])
            return (apply_model(model, standard, device=device, shifts=shifts)[:, 3].cpu() * std + mean)[0]

        return separate

    def ours(overlap: float, dtype: str) -> System:
        config = SeparateConfig(overlap=overlap)
        return of_separator(DemucsSeparator("demucs", VocalNet([model], [1.0]), config, Compute(device, dtype)))

    return {
        "apply_model": original(1),
        ORIGINAL: original(0),
        "demucs, float32, overlap 0.25": ours(0.25, "float32"),
        "demucs, float32": ours(SeparateConfig.overlap, "float32"),
        "demucs, bfloat16": ours(SeparateConfig.overlap, "bfloat16"),
    }


ORIGINAL = "apply_model, no shift"
FAMILIES = {"spleeter": spleeter_systems, "center": center_systems, "demucs": demucs_systems}


def compare(systems: dict[str, System], song: Audio, rounds: int) -> None:
    """Run the systems in turns and print the best time of each."""
    best = dict.fromkeys(systems, float("inf"))
    voices: dict[str, Tensor] = {}
    for _ in range(rounds):
        for name, separate in systems.items():
            began = time.perf_counter()
            voices[name] = separate(song)
            best[name] = min(best[name], time.perf_counter() - began)
    first = next(iter(systems))
    original = voices[ORIGINAL if ORIGINAL in systems else first][:, :-LAST]
    for name, seconds in best.items():
        line = f"{name:30} {song.duration_s / seconds:7.1f} x real time, {best[first] / seconds:5.2f} x {first}"
        if name != first:
            si_sdr = scale_invariant_signal_distortion_ratio(voices[name][:, :-LAST].double(), original.double())
            line += f", SI-SDR {float(si_sdr.mean()):5.1f} dB"
        print(line, flush=True)


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("song", type=Path)
    parser.add_argument("--start", type=float, default=30.0, help="where the excerpt begins, in seconds")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--families", nargs="+", choices=list(FAMILIES), default=list(FAMILIES))
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    arguments = parser.parse_args()
    with open_path(arguments.song) as opened:
        song = opened.excerpt(arguments.start, arguments.start + arguments.seconds)
    song = Audio(song.samples, song.sample_rate)
    print(f"{song.duration_s:.0f} s on {arguments.device}, {torch.get_num_threads()} threads")
    for family in arguments.families:
        compare(FAMILIES[family](arguments.device), song, arguments.rounds)


if __name__ == "__main__":
    main()
