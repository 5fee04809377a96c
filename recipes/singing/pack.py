"""Make the model of a training run small enough to ship: float16, and nothing but what transformers loads.

Real singing is less clear than what synthetic voices sing, and a CTC model that is unsure says blank: `--blank` makes
that less likely, by so many nats a frame.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

FILES = ("config.json", "preprocessor_config.json", "tokenizer_config.json", "vocab.json")


def main() -> None:
    """Copy a checkpoint's model into a folder, its weights halved."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="the folder `best` of a run")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--blank", type=float, default=-0.5, help="added to the blank's logit")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    weights = load_file(arguments.checkpoint / "model.safetensors")
    config = json.loads((arguments.checkpoint / "config.json").read_text("utf-8"))
    weights["lm_head.bias"][config["pad_token_id"]] += arguments.blank
    target = arguments.output / "model.safetensors"
    save_file({name: value.to(torch.float16) for name, value in weights.items()}, target, metadata={"format": "pt"})
    for name in FILES:
        shutil.copyfile(arguments.checkpoint / name, arguments.output / name)
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB", file=sys.stderr)


if __name__ == "__main__":
    main()
