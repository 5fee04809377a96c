"""Time and memory for preparing a data set as large as DALI.

    python benchmarks/prepare.py dali_v1_metadata.json [FOLDER]

Writes an entry with 300 to 500 random words and an audio file for every song of the metadata, prepares them all, prints
seconds, entries a second and the peak memory of all processes together, and repeats it to compare the bytes. The files
stay in FOLDER.
"""

from __future__ import annotations

import filecmp
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import soundfile

from lyricsrec.formats.dali.pickle import dump_entry

SONG_S = 210.0
WORDS = [
    "the",
    "you",
    "and",
    "love",
    "me",
    "my",
    "it",
    "to",
    "on",
    "your",
    "we",
    "in",
    "that",
    "oh",
    "no",
    "so",
    "down",
    "know",
    "time",
    "night",
    "all",
    "is",
    "be",
    "don't",
    "go",
]


def make_entry(info: dict, rng: random.Random) -> tuple[dict, dict]:
    """An entry of that song with random words."""
    levels: dict[str, list] = {"notes": [], "words": [], "lines": [], "paragraphs": []}
    t, beat_s = rng.uniform(5, 20), 60 / 1200
    span = {"freq": [220.0, 440.0]}
    for paragraph in range(rng.randint(5, 8)):
        levels["paragraphs"].append({**span, "text": "", "time": [t, t]})
        for _ in range(8):
            levels["lines"].append({**span, "text": "", "time": [t, t], "index": paragraph})
            for _ in range(rng.randint(6, 9)):
                end = t + beat_s * rng.randint(2, 8)
                word = {**span, "text": rng.choice(WORDS), "time": [t, end]}
                levels["notes"].append({**word, "index": len(levels["words"])})
                levels["words"].append({**word, "index": len(levels["lines"]) - 1})
                t = end
            t += beat_s * rng.randint(2, 20)
        t += beat_s * rng.randint(20, 120)
    annotations = {"type": "horizontal", "annot": levels, "annot_param": {"fr": 1200.0, "offset": 0.0}}
    return info, annotations


def make(metadata: Path, folder: Path) -> int:
    """Write entries and audio files."""
    songs = json.loads(metadata.read_text())
    for name in ("annot", "audio"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(0).normal(0, 0.1, int(SONG_S * 44_100)).astype(np.float32)
    song = folder / "song.mp3"
    soundfile.write(song, np.stack([noise, noise], 1), 44_100)
    for number, (song_id, info) in enumerate(sorted(songs.items())):
        entry = folder / "annot" / f"{song_id}.gz"
        if not entry.exists():
            entry.write_bytes(dump_entry(*make_entry(info, random.Random(number))))
        sound = folder / "audio" / f"{song_id}.mp3"
        if not sound.exists():
            sound.hardlink_to(song)
    return len(songs)


def peak_memory(process: subprocess.Popen) -> list[float]:
    """Memory (GB) of a process and its children, sampled as it runs; shared pages are divided among them (PSS)."""
    samples = [0.0]

    def sample() -> None:
        while process.poll() is None:
            total, waiting = 0, [process.pid]
            while waiting:
                pid = waiting.pop()
                try:
                    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                    total += int(rollup.split("Pss:")[1].split()[0])
                    waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
                except (OSError, IndexError):
                    continue
            samples.append(total / 1e6)
            time.sleep(0.1)

    threading.Thread(target=sample, daemon=True).start()
    return samples


def main(metadata: Path, folder: Path) -> None:
    num_entries = make(metadata, folder)
    outputs = [folder / "out1", folder / "out2"]
    for output in outputs:
        command = [sys.executable, "-m", "lyricsrec", "dali-prepare", "--annotations", str(folder / "annot")]
        command += ["--audio", str(folder / "audio"), "--output", str(output), "--language", "all"]
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        samples = peak_memory(process)
        assert process.wait() == 0
        seconds = time.perf_counter() - began
        print(
            f"{num_entries} entries: {seconds:.1f} s, {num_entries / seconds:.0f} a second, peak {max(samples):.2f} GB"
        )
    names = sorted(path.name for path in outputs[0].iterdir())
    same, other, _ = filecmp.cmpfiles(*outputs, names, shallow=False)
    print(f"identical: {', '.join(same)}; different: {', '.join(other) or 'none'}")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(Path(sys.argv[1]), Path(made))
