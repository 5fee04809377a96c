"""One run of scoring: references, hypotheses from files and systems, and the report on them."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path

from lyricsrec.base.cache import Cache
from lyricsrec.base.errors import DataError, LyricsrecError, UsageError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.base.settings import Settings, check
from lyricsrec.dataset.manifest import spread
from lyricsrec.lyrics.languages import language_code, language_name
from lyricsrec.scoring.compare import compare_systems, named_apart
from lyricsrec.scoring.learned_songs import learned_songs
from lyricsrec.scoring.metrics.separation import TrueStems, measure, stem_of
from lyricsrec.scoring.one_song import SongTexts, Utterance
from lyricsrec.scoring.pooling import score_system
from lyricsrec.scoring.recognise import Announce, System, cached_power, recognize_all
from lyricsrec.scoring.report.report_file import SCHEMA
from lyricsrec.scoring.results import Protocol, Report, SeparationFigures, SystemScore
from lyricsrec.scoring.texts.matching import find_texts, match
from lyricsrec.scoring.texts.text import Entry, ScoredText, Texts
from lyricsrec.version import VERSION

MISSING = "no hypothesis"

_LISTED = 5


@dataclass(frozen=True)
class HypothesisFiles:
    """The hypotheses at a path, under a name."""

    name: str
    path: Path


@dataclass(frozen=True)
class ScoreConfig(Settings):
    """How to score.

    `language` is a two-letter code for references that do not name their language. With `only_common`, songs without a
    hypothesis are left out instead of counting as deleted: the figures then cover fewer songs, and systems that skip
    hard songs look better. With true `stems`, separated vocals are measured: those of systems, and stem files beside
    hypotheses. `cache` keeps transcripts.
    """

    protocol: Protocol = "long"
    language: str = "en"
    only_common: bool = False
    _: KW_ONLY
    stems: TrueStems | None = None
    cache: Cache = field(default_factory=Cache)


def score(
    references: Texts,
    hypotheses: Sequence[HypothesisFiles],
    systems: Sequence[System],
    *,
    config: ScoreConfig,
    progress: Progress = SILENT,
    announce: Announce = lambda _: None,
) -> Report:
    """Score hypotheses in files and systems against the same references, and compare the first with each other.

    Raises UsageError and ModelError for systems that cannot be loaded, DataError for references that cannot be read,
    for hypotheses without any matching reference, and for references without words.
    """
    check(config)
    if systems and not all(entry.sound for entry in references.entries):
        raise UsageError(
            f"{references.name}: these references come without audio, which --model and --preset need",
            "Give a data set (--data) made by `dali-prepare` or `import`, or transcribe first and give --hyp.",
        )
    scored = [_score_files(references, files, config=config, progress=progress) for files in hypotheses]
    scored += [
        _score_system(references, system, config=config, progress=progress, announce=announce) for system in systems
    ]
    report = Report(SCHEMA, VERSION, config.protocol, references=references.name, systems=named_apart(scored))
    if not any(system.words.num_words for system in report.systems):
        raise DataError(
            f"{references.name}: no words to score under protocol {config.protocol}",
            "It keeps only A-Z and the apostrophe; --protocol long supports all scripts."
            if config.protocol == "short"
            else None,
        )
    if silent := [song.title for song in report.systems[0].songs if not song.words.num_words]:
        songs = f"{listed(silent)}: no words under protocol {config.protocol}"
        progress.warn(f"{songs}; all hypothesis words there count as inserted")
    return _compared(report, progress)


def _compared(report: Report, progress: Progress) -> Report:
    """The report with all comparisons that are possible; a warning for each of the others."""
    first, *others = report.systems
    comparisons = []
    for other in others:
        try:
            comparisons.append(compare_systems(first, other))
        except DataError as error:
            progress.warn(f"not compared: {error}")
    return replace(report, comparisons=tuple(comparisons))


def limited(texts: Texts, limit: int | None) -> Texts:
    """At most `limit` of the texts, spread evenly over all."""
    return replace(texts, entries=tuple(spread(texts.entries, limit)))


def _score_files(references: Texts, files: HypothesisFiles, *, config: ScoreConfig, progress: Progress) -> SystemScore:
    found = match(references, find_texts(files.path))
    if found.unmatched:
        have = "have" if len(found.unmatched) > 1 else "has"
        progress.warn(f"{files.name}: {listed(found.unmatched)} {have} no reference, left out")
    if found.ambiguous:
        progress.warn(f"{files.name}: several references have the same name: {listed(found.ambiguous)}, left out")
    utterances = []
    for entry, hypothesis in found.pairs:
        utterance = _read(entry, hypothesis, config)
        if hypothesis is None and config.only_common:
            progress.warn(f"{files.name}: '{entry.name}' has {MISSING}, left out")
        else:
            if utterance.problem is not None:
                progress.warn(f"{files.name}: '{entry.name}': {utterance.problem}; all its words count as deleted")
            separation = _separation(files, entry, hypothesis, config=config, progress=progress)
            utterances.append((entry, replace(utterance, separation=separation)))
    return score_system(
        files.name,
        _by_song(utterances, config.language),
        config.protocol,
        unmatched=found.unmatched,
        settings={"hypotheses": files.path.name},
    )


def listed(names: Sequence[str]) -> str:
    """Names for a message; of many only the first few."""
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(f"'{name}'" for name in names[:_LISTED]) + more


def _read(entry: Entry, hypothesis: Entry | None, config: ScoreConfig) -> Utterance:
    reference, problem, text = entry.read(), None, ScoredText()
    try:
        if hypothesis is None:
            problem = MISSING
        else:
            text = hypothesis.read()
    except DataError as error:
        problem = str(error)
    power: tuple[float, ...] = ()
    # Loudness is optional here: transcripts can be scored without the audio of the data set.
    with contextlib.suppress(LyricsrecError):
        power = cached_power(entry, config.cache)
    return Utterance(reference, text, entry.start_s, power=power, problem=problem)


def _separation(
    files: HypothesisFiles, entry: Entry, hypothesis: Entry | None, *, config: ScoreConfig, progress: Progress
) -> SeparationFigures | None:
    """The separation figures of a stem file beside a hypothesis, None where there is none."""
    true_vocals = config.stems.of(entry) if config.stems is not None else None
    if true_vocals is None or hypothesis is None or not files.path.is_dir():
        return None
    found = stem_of(files.path, hypothesis)
    mix = entry.sound.path if entry.sound is not None else None
    return measure(true_vocals, found, mix, progress=progress) if found is not None else None


def _score_system(
    references: Texts, system: System, *, config: ScoreConfig, progress: Progress, announce: Announce
) -> SystemScore:
    utterances = recognize_all(
        references.entries, system, config.cache, stems=config.stems, progress=progress, announce=announce
    )
    parts = system.config
    settings = {"separator": parts.separator_name, "recognizer": parts.model_name, "seed": str(parts.seed)}
    songs = _by_song(list(utterances), config.language)
    seen = learned_songs(songs, parts)
    for warning in seen.warnings(system.name, len(songs)):
        progress.warn(warning)
    scored = score_system(system.name, songs, config.protocol, settings=settings)
    return replace(scored, learned=seen.songs, warnings=tuple(seen.warnings(system.name, len(songs))))


def _by_song(utterances: Sequence[tuple[Entry, Utterance]], language: str) -> list[SongTexts]:
    """The songs of utterances, in the order of their first utterance."""
    songs: dict[str, list[Utterance]] = {}
    for entry, utterance in utterances:
        songs.setdefault(entry.song_id or entry.name, []).append(utterance)
    return [SongTexts(name, _code(parts, language), tuple(parts)) for name, parts in songs.items()]


def _code(utterances: Sequence[Utterance], default: str) -> str:
    """The two-letter code of a song's language, from its reference if that names one."""
    names = (part.reference.language for part in utterances)
    return next((code for name in names if name and (code := iso_code(name))), default)


def iso_code(name: str) -> str | None:
    """The two-letter code of a language given by English name or code; None if unknown or without such a code."""
    return language_code(language_name(name))
