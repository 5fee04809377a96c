"""Time and memory of a training step of the full-size joint model (htdemucs and wav2vec2-base, random weights).

    python benchmarks/training.py [--device cuda] [--precision bf16] [--chunks 4] [--chunk-s 7.8] [--checkpointing] [--compile]

Prints items and seconds of audio per second, the share of each part, and the peak memory. Needs no data.
"""

from __future__ import annotations

import argparse
import resource
import time

import torch
from accelerate import Accelerator
from accelerate.utils import TorchDynamoPlugin
from demucs.htdemucs import HTDemucs
from transformers import Wav2Vec2Config, Wav2Vec2ForCTC

from lyricsrec.recognition.acoustic import RECOGNIZER_RATE, AcousticModel, CtcNet, recognizer_input
from lyricsrec.separation.vocal_net import VocalNet
from lyricsrec.training.model.module import TrainingModule
from lyricsrec.training.optimization.optimizers import make_optimizer
from lyricsrec.training.settings import GuardConfig, OptimizerConfig

SYMBOLS = 30
WARM_UP = 2


def joint_model() -> AcousticModel:
    """A model with the shapes of the published ones."""
    sources = ["drums", "bass", "other", "vocals"]
    separator = HTDemucs(sources, bottom_channels=512, segment=7.8, samplerate=44_100, dconv_mode=3)
    config = Wav2Vec2Config(vocab_size=SYMBOLS, mask_time_prob=0.0, layerdrop=0.0, ctc_zero_infinity=True)
    recognizer = CtcNet(Wav2Vec2ForCTC(config), normalize=True)
    return AcousticModel(VocalNet([separator], [1.0]), recognizer, RECOGNIZER_RATE)


class Clock:
    """Seconds by stage, waiting for the device at every stop."""

    def __init__(self, device: torch.device) -> None:
        self.device, self.seconds, self.last = device, {}, 0.0

    def stop(self, stage: str) -> None:
        """Add the time since the last stop to a stage."""
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self.last
        self.last = now


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--precision", default="no", choices=("no", "bf16", "fp16"))
    parser.add_argument("--chunks", type=int, default=4)
    parser.add_argument("--chunk-s", type=float, default=7.8)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--checkpointing", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--freeze-separator", action="store_true")
    arguments = parser.parse_args()

    torch.manual_seed(0)
    accelerator = Accelerator(
        mixed_precision=arguments.precision,
        cpu=arguments.device == "cpu",
        dynamo_plugin=TorchDynamoPlugin(backend="inductor", dynamic=True) if arguments.compile else None,
    )
    acoustic = joint_model()
    if arguments.checkpointing:
        acoustic.vocals.saves_memory = True
        acoustic.ctc.model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    acoustic.vocals.requires_grad_(not arguments.freeze_separator)
    module = TrainingModule(acoustic, 0, GuardConfig())
    module, optimizer = accelerator.prepare(module, make_optimizer(acoustic, OptimizerConfig(), {}))
    module.train()

    length = round(arguments.chunk_s * 44_100)
    audio = torch.randn(arguments.chunks, 2, length, device=accelerator.device) * 0.1
    labels = torch.randint(1, SYMBOLS, (arguments.chunks, 60), device=accelerator.device)
    num_labels = torch.full((arguments.chunks,), 60, device=accelerator.device)
    clock = Clock(accelerator.device)
    for step in range(WARM_UP + arguments.steps):
        if step == WARM_UP:
            clock.seconds.clear()
        clock.last = time.perf_counter()
        losses = module(audio, [length] * arguments.chunks, labels, num_labels)
        clock.stop("forward")
        accelerator.backward(losses.ctc / num_labels.sum())
        clock.stop("backward")
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        clock.stop("optimizer")
    steps = dict(clock.seconds)
    with torch.no_grad(), accelerator.autocast():
        clock.last = time.perf_counter()
        voice = acoustic.vocals(audio)
        clock.stop("separator, forward only")
        acoustic.ctc(recognizer_input(voice, acoustic.sample_rate))
        clock.stop("recogniser, forward only")

    a_step = sum(steps.values()) / arguments.steps
    print(f"{sum(p.numel() for p in acoustic.parameters()) / 1e6:.0f} million weights, {arguments}")
    print(f"{arguments.chunks / a_step:.2f} items/s, {arguments.chunks * arguments.chunk_s / a_step:.1f} s of audio/s")
    for stage, seconds in steps.items():
        print(f"{stage:28} {100 * seconds / sum(steps.values()):5.1f} % of a step")
    for stage in ("separator, forward only", "recogniser, forward only"):
        print(f"{stage:28} {100 * clock.seconds[stage] / a_step:5.1f} % of a step's time")
    if arguments.device == "cuda":
        print(f"peak memory {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB on the device")
    else:
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB")


if __name__ == "__main__":
    main()
