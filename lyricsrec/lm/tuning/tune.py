"""Tuning a language model: the weights with the fewest word errors on a validation split."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.base.output import check_writable, display_name, replacing, write_text
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.base.settings import check
from lyricsrec.dataset.manifest import ChunkRow, chunks_to_learn, is_song_manifest, spread
from lyricsrec.decoding.lm_folder import INFO_FILE, PICTURE, Tuning, read_info
from lyricsrec.lm.settings import TuneConfig
from lyricsrec.lm.tuning.emissions import EmissionSource, compute_emissions
from lyricsrec.lm.tuning.evaluate import TuningSet, evaluating
from lyricsrec.lm.tuning.grid_search import Tried, search
from lyricsrec.lm.tuning.plots import write_picture

VALIDATION = "validation.jsonl"
CACHE = "emissions"


def tune(
    lm: Path,
    data: Path,
    source: EmissionSource,
    config: TuneConfig,
    *,
    cache: Path | None = None,
    picture: Path | None = None,
    workers: int | None = None,
    progress: Progress = SILENT,
) -> tuple[Tuning, Tried]:
    """Find the best weights of the language model in folder `lm`, and store them in it.

    `data` is the folder of a data set, whose validation split is taken, or a manifest of chunks. Emissions are cached
    in `cache` (default: a folder in `lm`). `picture` (default: in `lm`) is a plot of the word error rates. The same
    chunks and settings give the same weights.

    Raises UsageError for invalid settings and for models without emissions, DataError for a test split and for data
    that cannot be read, ModelError when a model is not available or does not fit, AudioError when a chunk cannot be
    read, OutputError when a folder cannot be written.
    """
    check(config)
    if lm.is_file():
        raise UsageError(
            f"{display_name(lm)} is not a folder", "Make one with `lyricsrec lm build`; the weights are stored in it."
        )
    settings = read_info(lm)
    manifest = data / VALIDATION if data.is_dir() else data
    rows = spread(read_chunks_to_tune_on(manifest), config.limit)
    if manifest.name in {name for name, _ in settings.texts}:
        progress.warn(
            f"the language model was built from a {manifest.name}; if it is this one, its weight will be too high"
        )
    check_writable(lm, "LM")
    emissions = compute_emissions(rows, manifest.parent, source, cache or lm / CACHE, progress=progress)
    chunks = TuningSet(emissions.paths, tuple(row.text for row in rows), emissions.vocabulary)
    with evaluating(lm, chunks, workers=workers, progress=progress) as evaluator:
        found = search(evaluator.edits, config)
    edits = found.beams[found.best]
    tuning = Tuning(
        found.best,
        edits.wer,
        found.greedy.wer,
        wer_words_only=found.surface[found.words_only].wer,
        model=source.model,
        separator=source.separator_name,
        num_chunks=len(rows),
        num_words=edits.num_words,
    )
    with replacing(picture or lm / PICTURE) as temporary:
        write_picture(temporary, lm.resolve().name, tuning, found)
    write_text(lm / INFO_FILE, replace(settings, tuning=tuning).to_json())
    _warn(tuning, config, progress)
    return tuning, found


def read_chunks_to_tune_on(manifest: Path) -> list[ChunkRow]:
    """The chunks of a manifest. Raises DataError for a test split, and for an invalid or empty manifest."""
    rows = list(chunks_to_learn(manifest, VALIDATION)) if not is_song_manifest(manifest) else []
    if not rows:
        raise DataError(f"{display_name(manifest)}: no chunks in it", f"Give a data set's folder or its {VALIDATION}.")
    return rows


def _warn(tuning: Tuning, config: TuneConfig, progress: Progress) -> None:
    """Warn when the language model does not help, or when better weights may lie outside the grid."""
    if tuning.wer >= tuning.wer_greedy:
        progress.warn(
            f"this language model does not help: WER {100 * tuning.wer:.2f} % at best, "
            f"{100 * tuning.wer_greedy:.2f} % without it"
        )
    elif not tuning.helps:
        progress.warn("the probabilities of this language model do not help, only its vocabulary does")
    weights = tuning.weights
    if 0 < weights.alpha == max(config.alphas):
        progress.warn(f"the best alpha, {weights.alpha:g}, is the largest of the grid: try larger ones")
    if len(set(config.betas)) > 1 and weights.beta in (min(config.betas), max(config.betas)):
        progress.warn(f"the best beta, {weights.beta:g}, is at the edge of the grid: try more")
