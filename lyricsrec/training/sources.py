"""What a run learns from: training and validation examples, true stems, and what its models learned before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from accelerate import Accelerator

from lyricsrec.base.errors import UsageError
from lyricsrec.dataset.learned import Learned, Songs, learned_by, songs_of
from lyricsrec.recognition.registry import find_recognizer
from lyricsrec.training.data.augment import Augmentation
from lyricsrec.training.data.examples import ChunkExamples
from lyricsrec.training.data.sets import counted, read_rows, sources
from lyricsrec.training.data.source import SetChunk
from lyricsrec.training.data.stems import StemExcerpts, find_stems
from lyricsrec.training.log.recorder import Recorder
from lyricsrec.training.model.learner import Learner
from lyricsrec.training.model.stem_check import StemCheck
from lyricsrec.training.settings import TrainConfig
from lyricsrec.training.state.card import Origin
from lyricsrec.training.state.provenance import provenance


def examples_of(config: TrainConfig, learner: Learner, recorder: Recorder) -> tuple[ChunkExamples, ChunkExamples]:
    """Training and validation examples; when overfitting, a few chunks are both.

    Raises UsageError when chunks may be longer than the recogniser takes, otherwise as `read_rows` does.
    """
    encoder = learner.encoder()
    data, engine = config.data, config.engine
    if data.max_s > learner.longest_s:
        raise UsageError(
            f"this recogniser takes at most {learner.longest_s:g} s at once, but data.max_s is {data.max_s:g}",
            "Lower data.max_s.",
        )
    rows, left_out = read_rows(data, data.train, encoder)
    recorder.note(f"{len(rows)} training chunks (left out: {left_out})")
    if len(data.all_sets) > 1:
        recorder.note("; ".join(f"{source.name}: {n}, weight {source.weight:g}" for source, n in counted(rows)))
    if engine.overfit:
        chosen = rows[: engine.overfit]
        validation_rows: Sequence[SetChunk]
        rows = validation_rows = [replace(row, source=replace(row.source, weight=1.0)) for row in chosen]
    else:
        validation_rows, _ = read_rows(data, data.validation, encoder)
    stereo_rate = None if learner.acoustic.vocals is None else learner.acoustic.sample_rate
    training = ChunkExamples(
        rows,
        encoder,
        stereo_rate=stereo_rate,
        augment=Augmentation(config.augment),
        seed=engine.seed,
        max_s=data.max_s,
    )
    return training, ChunkExamples(validation_rows, encoder, stereo_rate=stereo_rate, seed=engine.seed)


def origin_of(
    config: TrainConfig,
    training: ChunkExamples,
    validation: ChunkExamples,
    *,
    accelerator: Accelerator,
    checkpoint: Path | None,
) -> Origin:
    """Where checkpoints come from; songs that the models to start from have learned stay learned."""
    if not accelerator.is_main_process:
        return Origin()
    learned = Learned(_songs(training.rows), _songs(validation.rows))
    before = [checkpoint] if checkpoint is not None else []
    if not config.model.random:
        before.append(find_recognizer(config.model.recognizer, offline=True).folder)
        before += [Path(name) for name in (config.model.separator,) if name]
    for folder in before:
        learned = learned_by(folder) | learned
    data = config.data
    found = [source.digests((data.train, data.validation)) for source in sources(data)]
    digests = {name: digest for own in found for name, digest in own.items()}
    return Origin(provenance(digests, num_processes=accelerator.num_processes), learned)


def _songs(rows: Sequence[SetChunk]) -> Songs:
    """The songs of all sets; one that several have under the same id has the marks of each."""
    found: dict[str, tuple[str, ...]] = {}
    for _, own in groupby(rows, key=lambda row: row.source):
        for name, marks in songs_of(own).items():
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), *marks)))
    return found


def stems_of(config: TrainConfig, learner: Learner) -> StemExcerpts | None:
    """Excerpts with true stems to train on, None without any. Raises UsageError when no separator is trained."""
    stems, vocals = config.stems, learner.acoustic.vocals
    if stems.folder is None or not stems.weight:
        return None
    if vocals is None or ("separator" in config.freeze.parts and "separator" not in config.freeze.until):
        raise UsageError(
            "stems.folder has stems to train a separator on, but none is trained",
            "Choose a --separator, and leave it out of --freeze (--freeze features).",
        )
    songs = find_stems(stems.folder)
    return StemExcerpts(songs, stems.excerpt_s, learner.acoustic.sample_rate, seed=config.engine.seed)


def stem_check_of(config: TrainConfig, learner: Learner) -> StemCheck | None:
    """The comparison with true stems in validation, None without any or without a separator."""
    stems = config.stems
    if stems.validation is None or learner.acoustic.vocals is None or not stems.num_clips:
        return None
    songs = find_stems(stems.validation)
    return StemCheck(StemExcerpts(songs, stems.excerpt_s, learner.acoustic.sample_rate, seed=0), stems.num_clips)
