"""Stands in for `lyricsrec train` in a sweep: writes the metrics of a run whose loss depends on its settings.

`--set=engine.steps=N` is the number of validations, one each `data.min_s` seconds. A rate of 1e-3 is best,
one of 100 stays blank, one of 0.05 fails. SIGTERM saves a checkpoint; `--resume` goes on from it.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import time
from pathlib import Path


def main(arguments: list[str]) -> int:
    folder = Path(arguments[arguments.index("--output") + 1])
    folder.mkdir(parents=True, exist_ok=True)
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    state, config = folder / "step-00000001" / "state" / "progress.json", folder / "config.toml"
    settings = dict(part[6:].split("=", 1) for part in arguments if part.startswith("--set="))
    first = 0
    if "--resume" in arguments:
        saved = json.loads(state.read_text())
        first, settings = saved["step"], saved["settings"]
    with (folder / "calls.txt").open("a") as calls:
        room = {name: os.environ.get(name, "") for name in ("OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES")}
        calls.write(json.dumps({"arguments": arguments, "first": first, **room, "start": time.time()}) + "\n")
    config.write_text("".join(f"# {key} = {value}\n" for key, value in settings.items()))
    rate, steps = float(settings["optimizer.head_rate"]), int(settings.get("engine.steps", "3"))
    if rate == 0.05:
        sys.stderr.write("error: the device is out of memory\n  a hint\n")
        return 1
    for step in range(first + 1, steps + 1):
        time.sleep(float(settings.get("data.min_s", "0.02")))
        wer = min(0.1 + abs(math.log10(rate) + 3) / 4 + 0.3 / step, 1.0)
        row = {"kind": "validation", "step": step, "ctc": 3 * wer, "wer": {"greedy": wer}, "cer": {"greedy": wer}}
        with (folder / "metrics.jsonl").open("a") as file:
            file.write(json.dumps({"kind": "step", "step": step}) + "\n" + json.dumps(row) + "\n")
        if stopped or step == steps:
            state.parent.mkdir(parents=True, exist_ok=True)
            state.write_text(json.dumps({"step": step, "settings": settings}))
        if stopped:
            return 128 + signal.SIGTERM
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
