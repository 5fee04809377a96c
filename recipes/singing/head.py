"""Trains the CTC head of `sung` on encoder states that are computed once.

    python recipes/singing/head.py states DATA... --output states/ --backing backing/
    python recipes/singing/head.py train states/ --output trained/

The encoder is that of Whisper base. Each chunk is changed at random (speed, accompaniment, noise) before it is encoded;
`--rounds` does that several times, with other random numbers. An hour of audio takes 1.3 GB. See README.md.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile
import torch
from torch import Tensor, nn

from lyricsrec.lyrics.normalise import TextNormalizer
from lyricsrec.models.catalogue import MODELS
from lyricsrec.recognition.whisper.ctc_model import WhisperForCTC, from_ctranslate2, log_mel
from lyricsrec.training.data.augment import Augmentation
from lyricsrec.training.settings import AugmentConfig

RATE = 16_000
LABELS = ("<pad>", "<unk>", "|", "'", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
HEAD = {"head_layers": 2, "head_kernel": 5, "head_width": 384}


def new_model() -> WhisperForCTC:
    """The encoder of Whisper base under a new head."""
    return from_ctranslate2(MODELS["base"].source.resolve(offline=True), len(LABELS), **HEAD)


def rows_of(folders: Sequence[Path], skip: Sequence[str]) -> Iterator[tuple[Path, str]]:
    """The audio files and texts of the training chunks of several data sets, but for folders named in `skip`."""
    for folder in folders:
        if folder.name not in skip:
            for line in (folder / "train.jsonl").read_text("utf-8").splitlines():
                row = json.loads(line)
                yield folder / row["audio"], row["text"]


@torch.inference_mode()
def write_states(arguments: argparse.Namespace) -> None:
    """Write `states.bin` (bfloat16, frames of all chunks) and `index.json` (first frame, frames, tokens of each)."""
    torch.set_num_threads(1)
    model = new_model().eval().to(torch.bfloat16)
    backing = AugmentConfig(
        backing=arguments.backing, backing_chance=0.9, backing_db=(-8.0, 10.0), noise_chance=0.2, speed_chance=0.3
    )
    augment, generator = Augmentation(backing), torch.Generator().manual_seed(arguments.seed)
    normalizer = TextNormalizer()
    rows = [row for row in rows_of(arguments.data, ()) for _ in range(arguments.rounds)]
    random.Random(arguments.seed).shuffle(rows)
    arguments.output.mkdir(parents=True, exist_ok=True)
    index: list[dict[str, object]] = []
    first, begin = 0, time.perf_counter()
    with (arguments.output / "states.bin").open("wb") as file:
        for number, (path, text) in enumerate(rows):
            tokens = [LABELS.index("|" if c == " " else c) for c in normalizer.normalize(text)]
            samples, _ = soundfile.read(path, dtype="float32")
            audio = augment(torch.from_numpy(samples)[None], RATE, generator, max_samples=20 * RATE)
            states = encoded(model, audio)
            if not tokens or len(states) < 1.2 * len(tokens):
                continue
            file.write(states.contiguous().view(torch.int16).numpy().tobytes())
            index.append({"first": first, "frames": len(states), "tokens": tokens, "set": path.parents[1].name})
            first += len(states)
            if number % 50 == 0:
                print(number, len(rows), f"{first / 180_000:.2f} h, {time.perf_counter() - begin:.0f} s", flush=True)
                (arguments.output / "index.json").write_text(json.dumps(index))
    (arguments.output / "index.json").write_text(json.dumps(index))


def encoded(model: WhisperForCTC, audio: Tensor) -> Tensor:
    """The input and the outputs of all layers (frames, layers x width), each normalised."""
    mel = log_mel(audio, torch.tensor([audio.shape[1]]), model.config.num_mel_bins)
    encoder, width = model.encoder, (model.config.d_model,)
    hidden = nn.functional.gelu(encoder.conv1(mel.to(torch.bfloat16)))
    hidden = nn.functional.gelu(encoder.conv2(hidden)).transpose(1, 2)
    hidden = hidden + encoder.embed_positions.weight[: hidden.shape[1]]
    states = [nn.functional.layer_norm(hidden, width)]
    for layer in encoder.layers:
        hidden = layer(hidden, None)
        states.append(nn.functional.layer_norm(hidden, width))
    return torch.cat(states, dim=-1)[0]


def batches(index: Sequence[dict[str, object]], frames: int, rng: random.Random) -> Iterator[list[dict[str, object]]]:
    """Chunks of similar lengths, about `frames` in all, in random order; for ever."""
    while True:
        ordered = sorted(index, key=lambda row: row["frames"] + rng.uniform(-100, 100))
        groups: list[list[dict[str, object]]] = [[]]
        for row in ordered:
            if groups[-1] and (len(groups[-1]) + 1) * row["frames"] > frames:
                groups.append([])
            groups[-1].append(row)
        rng.shuffle(groups)
        yield from groups


def train(arguments: argparse.Namespace) -> None:
    """Train the head and save the model."""
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    model = new_model()
    width = (model.config.encoder_layers + 1) * model.config.d_model
    parts = []
    for folder in arguments.states:
        states = np.memmap(folder / "states.bin", np.int16, mode="r").reshape(-1, width)
        index = [row for row in json.loads((folder / "index.json").read_text()) if row["set"] not in arguments.skip]
        parts += [{**row, "states": states} for row in index]
    held = [row for i, row in enumerate(parts) if i % 50 == 0]
    kept = [row for i, row in enumerate(parts) if i % 50]
    head = nn.ModuleList([model.layer_mix, model.head, model.lm_head])
    optimizer = torch.optim.AdamW(head.parameters(), lr=arguments.rate, weight_decay=0.01)
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(step / 100, 0.5 + 0.5 * math.cos(math.pi * min(step / arguments.steps, 1.0))) + 0.01,
    )
    feed, begin, losses = batches(kept, arguments.frames, random.Random(arguments.seed)), time.perf_counter(), []
    for step in range(1, arguments.steps + 1):
        head.train()
        loss = ctc_loss(model, next(feed), masks=True)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        rate.step()
        losses.append(loss.item())
        if step % 100 == 0 or step == arguments.steps:
            head.eval()
            with torch.inference_mode():
                validation = np.mean([ctc_loss(model, [row], masks=False).item() for row in held])
            spent = time.perf_counter() - begin
            print(step, f"train {np.mean(losses[-100:]):.3f} validation {validation:.3f} {spent:.0f} s", flush=True)
            save(model, arguments.output)


def ctc_loss(model: WhisperForCTC, rows: Sequence[dict[str, object]], *, masks: bool) -> Tensor:
    """The mean CTC loss per token of a batch; `masks` hides stretches of frames (SpecAugment)."""
    longest = max(row["frames"] for row in rows)
    width = rows[0]["states"].shape[1]
    states = torch.zeros(len(rows), longest, width, dtype=torch.bfloat16)
    inside = torch.zeros(len(rows), longest, 1)
    for i, row in enumerate(rows):
        piece = np.array(row["states"][row["first"] : row["first"] + row["frames"]])
        states[i, : row["frames"]] = torch.from_numpy(piece).view(torch.bfloat16)
        inside[i, : row["frames"]] = 1
        for _ in range(int(masks) * row["frames"] // 150):
            start = random.randrange(row["frames"])
            states[i, start : start + random.randint(2, 10)] = 0
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.layer_mix(states)
        for layer in model.head:
            hidden = layer((hidden * inside).transpose(1, 2)).transpose(1, 2)
        logits = model.lm_head(hidden)
    targets = torch.tensor([token for row in rows for token in row["tokens"]])
    lengths = torch.tensor([len(row["tokens"]) for row in rows])
    frames = torch.tensor([row["frames"] for row in rows])
    log_probs = logits.float().log_softmax(-1).transpose(0, 1)
    return nn.functional.ctc_loss(log_probs, targets, frames, lengths, zero_infinity=True)


def save(model: WhisperForCTC, folder: Path) -> None:
    """Save the model, with the tokenizer of `sung.en`."""
    model.config.pad_token_id = 0
    model.save_pretrained(folder)
    for name in ("preprocessor_config.json", "tokenizer_config.json", "vocab.json"):
        shutil.copyfile(MODELS["sung.en"].source.resolve() / name, folder / name)


def main() -> None:
    """Compute states, or train."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    commands = parser.add_subparsers(required=True)
    states = commands.add_parser("states")
    states.add_argument("data", nargs="+", type=Path)
    states.add_argument("--output", type=Path, required=True)
    states.add_argument("--backing", type=Path, required=True)
    states.add_argument("--rounds", type=int, default=1)
    states.set_defaults(run=write_states)
    learn = commands.add_parser("train")
    learn.add_argument("states", nargs="+", type=Path)
    learn.add_argument("--output", type=Path, required=True)
    learn.add_argument("--skip", nargs="*", default=[], help="data sets to leave out")
    learn.add_argument("--steps", type=int, default=1500)
    learn.add_argument("--frames", type=int, default=6000, help="frames in a batch")
    learn.add_argument("--rate", type=float, default=1e-3)
    learn.add_argument("--threads", type=int, default=1)
    learn.set_defaults(run=train)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
