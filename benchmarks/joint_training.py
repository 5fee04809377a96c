"""Separator and recogniser trained end to end: what becomes of the voice, and of the words.

    python benchmarks/joint_training.py data WORK        # makes voices, accompaniments and held-out mixes with their stems
    python benchmarks/joint_training.py train WORK       # the runs of `RUNS`; goes on with those that were stopped
    python benchmarks/joint_training.py report WORK [--clips FOLDER]

`data` needs flite, espeak-ng, fluidsynth, fluid-soundfont-gm (Debian packages), pyworld and mido (PyPI); see
recipes/singing. `--clips` is a folder of real recordings, NAME.flac with the lyrics NAME.txt. The same seed gives the
same data, and all runs see the same mixes in the same order.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import jiwer
import numpy as np
import soundfile
import torch

from lyricsrec import load_pipeline
from lyricsrec.audio.audio import Audio
from lyricsrec.audio.resample import resample
from lyricsrec.dataset.chunk_audio import write_flac
from lyricsrec.dataset.manifest import ChunkRow, to_line
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.lyrics.normalise import normalized_words
from lyricsrec.lyrics.transcript import Word
from lyricsrec.lyrics.wer import Edits, count_edits
from lyricsrec.separation.registry import bundled_separator, load_vocal_net
from lyricsrec.training.model.module import si_sdr

RECIPE = Path(__file__).parents[1] / "recipes" / "singing"
RATE = 44_100
LONGEST_S = 2.87
"""A chunk of this length fills 128 frames of the separator's networks."""
LEVELS_DB = (5.0, 0.0, -5.0)
"""How much louder than the accompaniment the held-out voices are, in turn."""
COUNTS = {"train": 320, "validation": 40}
COMMON = (
    "finetune sung.en --separator spleeter --device cpu --steps {steps} --batch-s 3 --freeze features --freeze encoder"
    " --head-rate 1e-4 --seed 0 --set data.max_s=2.87 --set data.num_workers=0 --set optimizer.warmup_steps=30"
    " --set augment.backing_chance=1.0 --set augment.backing_db=[-5.0,10.0] --set augment.speed_chance=0.0"
    " --set augment.noise_chance=0.0 --set validation.every=100 --set validation.limit=12 --set checkpoint.keep=1"
)
RUNS = {
    "frozen": "--freeze separator",
    "unfrozen": "--separator-rate 1e-4",
    "guarded": "--separator-rate 1e-4 --set guard.weight=0.1",
}


def make_data(work: Path, seed: int) -> None:
    """Sung lines to train on, accompaniments for them, and held-out mixes with their stems."""
    for name, count, start in (("backing", 30, seed), ("held-out", 10, seed + 1)):
        command = [sys.executable, RECIPE / "accompany.py", "--output", work / name, "--pieces", str(count)]
        subprocess.run([*map(str, command), "--seed", str(start)], check=True)
    sys.path.insert(0, str(RECIPE))
    rng = random.Random(seed)
    sung = _sung_lines(rng)
    backings = sorted((work / "held-out").glob("*.flac"))
    for split, count in COUNTS.items():
        rows = []
        for number in range(count):
            text, voice = next(sung)
            name = f"{split}/{number:04}"
            if split == "train":
                _write(work / "data" / f"{name}.flac", voice)
            else:
                level = LEVELS_DB[number % len(LEVELS_DB)]
                backing = _excerpt(backings[number % len(backings)], len(voice), rng)
                _write_mix(work, name, voice, backing * 10 ** (-level / 20))
            words = tuple(Word(word, None, None) for word in text.split())
            rows.append(
                ChunkRow(
                    f"{split}-{number:04}", f"{split}-{number:04}", text, audio=f"{name}.flac",
                    start_s=0.0, end_s=round(len(voice) / RATE, 3), offset_s=0.0, words=words,
                )
            )  # fmt: skip
        (work / "data" / f"{split}.jsonl").write_text("".join(to_line(row.to_dict()) for row in rows), "utf-8")
        print(f"{split}: {count} lines, {sum(row.duration_s for row in rows) / 60:.1f} minutes", flush=True)


def _sung_lines(rng: random.Random) -> Iterator[tuple[str, np.ndarray]]:
    """Different short lines, sung; mono at `RATE` with a level of 1 (root mean square)."""
    from lines import phrases
    from singer import Singer, Speech, in_room, through_a_mixer
    from voices import random_voice

    seen: set[str] = set()
    while True:
        (text,) = phrases(rng, 1, ())
        voice = random_voice(rng, {"flite": 0.6, "espeak": 0.4})
        if text in seen or not 2 <= len(text.split()) <= 6:
            continue
        seen.add(text)
        with TemporaryDirectory() as folder:
            speech = Speech.of(*voice.speak(text.lower(), Path(folder)))
        if not speech.is_voiced:
            continue
        sung = through_a_mixer(in_room(Singer.draw(rng).sing(speech, rng), speech.rate, rng), speech.rate, rng)
        samples = resample(torch.from_numpy(sung), speech.rate, RATE).numpy()
        if 0.8 <= len(samples) / RATE <= LONGEST_S:
            yield text, samples / np.sqrt(np.mean(samples**2))


def _excerpt(path: Path, num_samples: int, rng: random.Random) -> np.ndarray:
    samples, rate = soundfile.read(path)
    sound = resample(torch.from_numpy(samples), rate, RATE).numpy()
    start = rng.randrange(max(len(sound) - num_samples, 1))
    excerpt = np.resize(sound[start : start + num_samples], num_samples)
    return excerpt / (np.sqrt(np.mean(excerpt**2)) or 1.0)


def _write_mix(work: Path, name: str, voice: np.ndarray, backing: np.ndarray) -> None:
    scale = 0.9 / np.abs(voice + backing).max()
    _write(work / "data" / f"{name}.flac", scale * (voice + backing), peak=None)
    _write(work / "stems" / f"{Path(name).name}.flac", scale * voice, peak=None)


def _write(path: Path, samples: np.ndarray, peak: float | None = 0.7) -> None:
    """Write mono samples as a stereo file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scaled = samples if peak is None else samples * peak / np.abs(samples).max()
    write_flac(path, Audio(np.stack([scaled, scaled]).astype(np.float32), RATE))


def train(work: Path, steps: int, names: list[str]) -> None:
    """Run `lyricsrec finetune` for each of the runs, or what is left of its steps."""
    for name in names:
        last = work / name / "last"
        if last.exists() and last.resolve().name == f"step-{steps:08}":
            continue
        paths = ["--data", str(work / "data"), "--output", str(work / name)]
        paths += ["--set", f"augment.backing={work / 'backing'}"]
        command = [*COMMON.format(steps=steps).split(), *RUNS[name].split(), *paths]
        command += ["--resume"] if last.exists() else []
        print("lyricsrec", *command, flush=True)
        subprocess.run([sys.executable, "-m", "lyricsrec", *command], check=True)


def report(work: Path, clips: Path | None) -> None:
    """Print what became of the held-out voices and of the words, as Markdown; `report.json` keeps what was measured."""
    mixes = sorted((work / "data" / "validation").glob("*.flac"))
    texts = [json.loads(line)["text"] for line in (work / "data" / "validation.jsonl").read_text("utf-8").splitlines()]
    heard = {"held-out mixes": list(zip(mixes, texts, strict=True))}
    if clips is not None:
        real = sorted(clips.glob("*.flac"))
        heard["real clips"] = [(path, path.with_suffix(".txt").read_text("utf-8")) for path in real]
    path = work / "report.json"
    rows = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    start = _vocals("spleeter", mixes)
    for name, (model, separator) in _systems(work).items():
        if name not in rows:
            vocals = None if separator == "none" else _vocals(separator, mixes)
            rows[name] = _ratios(vocals, start, work, mixes) | _words(model, separator, heard)
            path.write_text(json.dumps(rows, indent=1), "utf-8")
    columns = list(rows["start"])
    print("| |", " | ".join(columns), "|")
    print("| --- |", " | ".join("---" for _ in columns), "|")
    for name, row in rows.items():
        print(f"| {name} |", " | ".join(f"{row[column]:.1f}" if column in row else "" for column in columns), "|")


def _systems(work: Path) -> dict[str, tuple[str, str]]:
    """Recogniser and separator of each row: the starting point, the runs, and what the runs' separators do alone."""
    found = {"no separation": ("sung.en", "none"), "start": ("sung.en", "spleeter")}
    for name in RUNS:
        model = str(work / name / "last")
        separator = bundled_separator(model)
        if separator is not None:
            found[name] = (model, separator)
            if name != "frozen":
                found[f"{name}: the separator alone"] = ("sung.en", separator)
    return found


def _vocals(separator: str, mixes: list[Path]) -> list[torch.Tensor]:
    net = load_vocal_net(separator, offline=True)
    with torch.inference_mode():
        return [net.eval()(_samples(path)[None])[0] for path in mixes]


def _samples(path: Path) -> torch.Tensor:
    return torch.from_numpy(soundfile.read(path, dtype="float32", always_2d=True)[0].T.copy())


def _ratios(
    vocals: list[torch.Tensor] | None, start: list[torch.Tensor], work: Path, mixes: list[Path]
) -> dict[str, float]:
    """Means over the held-out mixes, in dB; without vocals, those of the mix."""
    values: dict[str, list[float]] = {}
    for i, (path, first) in enumerate(zip(mixes, start, strict=True)):
        mix, true = _samples(path), _samples(work / "stems" / path.name)
        voice = mix if vocals is None else vocals[i]
        found = {
            "SI-SDR to the start": float(si_sdr(voice, first)),
            "vocals SDR": _sdr(voice, true),
            "vocals SI-SDR": float(si_sdr(voice, true)),
            "instrumental SDR": _sdr(mix - voice, mix - true),
        }
        for name, value in found.items():
            values.setdefault(name, []).append(value)
    return {name: float(np.mean(several)) for name, several in values.items()}


def _sdr(estimate: torch.Tensor, true: torch.Tensor) -> float:
    return float(10 * torch.log10(true.square().sum() / ((true - estimate).square().sum() + 1e-12)))


def _words(model: str, separator: str, heard: dict[str, list[tuple[Path, str]]]) -> dict[str, float]:
    """Greedy word and character error rates in percent, pooled over the files of each set."""
    pipeline = load_pipeline("offline", model=model, separator=separator, device="cpu", dtype="float32", offline=True)
    pipeline = replace(pipeline, decoder=make_decoder(pipeline.recognizer.vocabulary, DecodeConfig()))
    rates = {}
    for name, files in heard.items():
        edits, wrong, letters = Edits(), 0, 0
        for path, reference in files:
            text = " ".join(line.text for line in pipeline.transcribe(path).lines)
            edits += count_edits([reference], [text], "plain")
            expected, found = (" ".join(normalized_words(t, "plain")) for t in (reference, text))
            characters = jiwer.process_characters(expected, found)
            wrong += characters.substitutions + characters.deletions + characters.insertions
            letters += len(expected)
        rates |= {f"{name}: WER": 100 * edits.wer, f"{name}: CER": 100 * wrong / letters}
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=("data", "train", "report"))
    parser.add_argument("work", type=Path, help="folder for all files")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--run", action="append", choices=tuple(RUNS), help="train only this run; may repeat")
    parser.add_argument("--clips", type=Path, help="folder of real recordings with lyrics, for the report")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.task == "data":
        make_data(arguments.work, arguments.seed)
    elif arguments.task == "train":
        train(arguments.work, arguments.steps, arguments.run or list(RUNS))
    else:
        report(arguments.work, arguments.clips)


if __name__ == "__main__":
    main()
