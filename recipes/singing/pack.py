"""Packs the model of a training run for shipping: float16 weights, and only the files that transformers loads.

Real singing is less clear than synthetic singing, and an uncertain CTC model outputs blanks: `--blank` is added to the
logit of the blank to make it less likely, in nats.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from lyricsrec.base.output import write_text

FILES = ("preprocessor_config.json", "tokenizer_config.json", "vocab.json")


def main() -> None:
    """Copy the model of a checkpoint to a folder, with weights in half precision."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="the folder `best` of a run")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--blank", type=float, default=-0.5, help="added to the blank's logit")
    parser.add_argument("--encoder-from", help="leave the encoder out: it is that of this known Whisper model")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    weights = load_file(arguments.checkpoint / "model.safetensors")
    config = json.loads((arguments.checkpoint / "config.json").read_text("utf-8"))
    weights["lm_head.bias"][config["pad_token_id"]] += arguments.blank
    if arguments.encoder_from:
        weights = {name: value for name, value in weights.items() if not name.startswith("encoder.")}
    config["encoder_from"] = arguments.encoder_from
    target = arguments.output / "model.safetensors"
    save_file({name: value.to(torch.float16) for name, value in weights.items()}, target, metadata={"format": "pt"})
    write_text(arguments.output / "config.json", json.dumps(config, indent=2, sort_keys=True) + "\n")
    for name in FILES:
        shutil.copyfile(arguments.checkpoint / name, arguments.output / name)
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB", file=sys.stderr)


if __name__ == "__main__":
    main()
