"""README.md of a model: the card that the Hugging Face hub shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from string import Template
from typing import Any

from lyricsrec.base.errors import ModelError
from lyricsrec.base.output import display_name
from lyricsrec.dataset.learned import learned_by
from lyricsrec.models.hub import is_repository
from lyricsrec.models.reading import read_object
from lyricsrec.separation.registry import bundled_separator, stated_separator
from lyricsrec.separation.settings import CHECKPOINT_CARD
from lyricsrec.training.export.files import ONNX, README
from lyricsrec.training.export.private import without_folders
from lyricsrec.training.export.source import Source
from lyricsrec.version import VERSION


@dataclass(frozen=True)
class SongResults:
    """How good a model was on some songs: the figures of a report of `score`.

    Rates are shares. `low` and `high` bound the WER (95 %). `num_learned` of the songs were learned; `warnings` say so.
    """

    system: str
    data: str
    protocol: str
    _: KW_ONLY
    wer: float
    cer: float | None
    low: float | None = None
    high: float | None = None
    num_songs: int = 0
    num_words: int = 0
    num_learned: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class CardFacts:
    """What only its author knows of a model: its name, licence, languages and data sets, and how good it is."""

    name: str
    license: str | None = None
    languages: tuple[str, ...] = ()
    _: KW_ONLY
    datasets: tuple[str, ...] = ()
    results: tuple[SongResults, ...] = ()


_TASK = "automatic-speech-recognition"

_PAGE = Template("""---
$front
---

# $name

A CTC model that turns singing into lyrics, made with lyricsrec $version.

## Use

$use

## Training

$training

## Results

$results

## Limits

$limits
""")

_TRANSCRIBE = Template("""```sh
lyricsrec transcribe song.mp3 --model $model
lyricsrec align song.mp3 lyrics.txt --model $model
```

`$model` is this repository or a folder with its files. It consists of data alone: no code of the repository runs.
$separator""")

_ONNX_USE = Template("""`model.onnx` takes the voice, mono at 16 kHz, and gives log-probabilities, one frame every
$frame_ms ms. It contains the recogniser only. $separator

```python
import json, numpy, onnxruntime, soundfile

model = json.load(open("onnx.json", encoding="utf-8"))
voice, rate = soundfile.read("vocals.wav", dtype="float32")  # mono, 16,000 Hz$longest
[log_probs] = onnxruntime.InferenceSession("model.onnx").run(None, {"waveform": voice[None]})
log_probs[..., model["special"]] = -numpy.inf
best = log_probs[0].argmax(-1)
skipped = model["blank"], model["unknown"]
symbols = [s for s, before in zip(best, [-1, *best]) if s != before and s not in skipped]
text = "".join(" " if s == model["space"] else model["labels"][s] for s in symbols)
print(text.replace("▁", " ").strip())
```""")


def write_card(source: Source, folder: Path, facts: CardFacts) -> None:
    """Write the card of a model into the folder that it is exported to, whose other files are there.

    Raises ModelError when its description is damaged, OSError when the folder cannot be written.
    """
    made = without_folders(_made(source.local.folder))
    if (folder / CHECKPOINT_CARD).is_file():
        (folder / CHECKPOINT_CARD).write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", "utf-8")
    page = _PAGE.substitute(
        front=_front(facts, made),
        name=facts.name,
        version=VERSION,
        use=_use(source, folder, facts.name),
        training=_training(made, source.local.folder),
        results=_results(facts.results),
        limits=_limits(source),
    )
    (folder / README).write_text(page, "utf-8")


def _made(folder: Path) -> dict[str, Any]:
    """How a model was trained, as its checkpoint says; {} where it does not."""
    try:
        return read_object(folder / CHECKPOINT_CARD)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{display_name(folder / CHECKPOINT_CARD)}: cannot be read ({error})") from None


def _front(facts: CardFacts, made: Mapping[str, Any]) -> str:
    """The metadata of the page as the hub wants them."""
    from huggingface_hub import EvalResult, ModelCardData

    found = [
        EvalResult(
            task_type=_TASK,
            task_name="Lyrics transcription",
            dataset_type=facts.datasets[0] if len(facts.datasets) == 1 else result.data,
            dataset_name=result.data,
            metric_type=metric,
            metric_name=f"{metric.upper()} in percent ({result.protocol} protocol of lyricsrec)",
            metric_value=round(100 * value, 2),
        )
        for result in facts.results
        # Others would compare what says nothing about new songs.
        if result.num_learned == 0
        for metric, value in (("wer", result.wer), ("cer", result.cer))
        if value is not None
    ]
    base = str(made.get("recognizer", ""))
    data = ModelCardData(
        license=facts.license,
        language=list(facts.languages) or None,
        library_name="lyricsrec",
        pipeline_tag=_TASK,
        tags=["lyrics", "singing", "music", "ctc"],
        datasets=list(facts.datasets) or None,
        metrics=["wer", "cer"],
        base_model=base if is_repository(base) else None,
        model_name=facts.name.rpartition("/")[2] if found else None,
        eval_results=found or None,
    )
    return str(data.to_yaml()).strip()


def _use(source: Source, folder: Path, name: str) -> str:
    separator = _separator(source.local.folder)
    if not (folder / ONNX).is_file():
        return _TRANSCRIBE.substitute(model=name, separator=separator)
    grid, config = source.files.net().frames, source.files.model.config
    positions = getattr(config, "max_source_positions", None)
    longest = f", at most {positions * grid.frame_s:g} s" if positions else ""
    return _ONNX_USE.substitute(frame_ms=f"{1000 * grid.frame_s:g}", separator=separator, longest=longest)


def _separator(folder: Path) -> str:
    """What has to be done with a song before the model gets it."""
    if bundled_separator(str(folder)) is not None:
        return (
            "It was trained together with the separator in the folder `separator` of its checkpoint, which lyricsrec "
            "uses before it."
        )
    stated = stated_separator(str(folder))
    if stated is None:
        return "Which separator it was trained behind is not known."
    if stated == "none":
        return "It was trained on whole songs without a separator, and expects them."
    return f"It was trained on vocals of the separator `{stated}`, which lyricsrec uses before it."


def _training(made: Mapping[str, Any], folder: Path) -> str:
    numbers = learned_by(folder).numbers
    rows = [
        ("trained from", made.get("recognizer")),
        ("steps", made.get("step")),
        ("songs trained on", numbers["trained"] or None),
        ("songs validated on, by which the checkpoint was chosen", numbers["validated"] or None),
        ("command", " ".join(map(str, made.get("command", ())))),
        ("data", ", ".join(f"{name} ({mark})" for name, mark in made.get("manifests", {}).items())),
        ("made with", f"lyricsrec {made['lyricsrec']}" if "lyricsrec" in made else None),
        ("commit", (made.get("git") or {}).get("commit")),
    ]
    table = "".join(f"| {what} | {str(value).replace('|', '/')} |\n" for what, value in rows if value)
    if not table:
        return "How it was trained is not known."
    more = ""
    if any(numbers.values()):
        more = "\n`learned.json` has marks of these songs: `lyricsrec score` warns when it is tested on one of them."
    return f"| | |\n| --- | --- |\n{table}{more}".strip()


def _results(results: tuple[SongResults, ...]) -> str:
    if not results:
        return "Not measured. `lyricsrec score --data SONGS --model ...` does."
    rows = ["| songs | WER % | 95 % | CER % | number of songs | words | protocol |", "| --- " * 7 + "|"]
    for one in results:
        band = f"{100 * one.low:.1f} to {100 * one.high:.1f}" if one.low is not None and one.high is not None else ""
        cer = "" if one.cer is None else f"{100 * one.cer:.1f}"
        cells = (one.data, f"{100 * one.wer:.1f}", band, cer, f"{one.num_songs:,}", f"{one.num_words:,}", one.protocol)
        rows.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    warned = [f"\nCaution: {warning}." for one in results for warning in one.warnings]
    if any(one.num_learned for one in results):
        warned.append("\nThese figures are therefore not in the metadata of this page.")
    system = f"\nMeasured with `lyricsrec score` (system `{results[0].system}`)."
    return "\n".join([*rows, system, *warned])


def _limits(source: Source) -> str:
    vocabulary = source.files.vocabulary
    kind = "phonemes" if vocabulary.has_phonemes else "symbols"
    letters = [label for label in vocabulary.letters if label.isprintable() and "`" not in label]
    shown = " ".join(letters[:60]) + (" ..." if len(letters) > 60 else "")
    return (
        f"- It knows these {kind} only, which lyricsrec writes in lower case: `{shown}`; no punctuation.\n"
        "- Figures hold for songs like those of the test: other languages and styles may do much worse.\n"
        "- Lyrics may be under copyright, whoever or whatever writes them down."
    )
