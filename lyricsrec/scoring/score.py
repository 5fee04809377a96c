"""Scoring, whole: references, what files say or systems hear of them, and the report of it all."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path

from lyricsrec.base.cache import Cache
from lyricsrec.base.errors import DataError, LyricsrecError, UsageError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.dataset.manifest import spread
from lyricsrec.lyrics.languages import language_code, language_name
from lyricsrec.scoring.compare import compare_systems, named_apart
from lyricsrec.scoring.recognise import Announce, System, hear_all, loudness
from lyricsrec.scoring.report.file import SCHEMA
from lyricsrec.scoring.results import Protocol, Report, SeparationFigures, SystemScore
from lyricsrec.scoring.song import Performance, Utterance
from lyricsrec.scoring.system import score_system
from lyricsrec.scoring.texts.references import find_texts, match
from lyricsrec.scoring.texts.text import Entry, SungText, Texts
from lyricsrec.scoring.texts.true_stems import TrueStems, measure, stem_of
from lyricsrec.version import VERSION

MISSING = "no hypothesis"

_LISTED = 5


@dataclass(frozen=True)
class Given:
    """Hypotheses that lie at a path, under a name."""

    name: str
    path: Path


@dataclass(frozen=True)
class ScoreConfig:
    """How to score.

    `language` is that of references which do not say theirs. With `only_common`, songs without a hypothesis are left
    out instead of counting as deleted: the figure is then one of fewer songs, and systems that skip hard ones look
    better. By true `stems` separated voices are measured: those of systems, and those that lie with hypotheses.
    `cache` keeps transcripts.
    """

    protocol: Protocol = "long"
    language: str = "en"
    only_common: bool = False
    _: KW_ONLY
    stems: TrueStems | None = None
    cache: Cache = field(default_factory=Cache)


def score(
    references: Texts,
    hypotheses: Sequence[Given],
    systems: Sequence[System],
    config: ScoreConfig,
    *,
    progress: Progress = SILENT,
    announce: Announce = lambda _: None,
) -> Report:
    """Score what files say and what systems hear, each against the same references; the first is compared with others.

    Raises UsageError and ModelError for systems that cannot be loaded, DataError for references that cannot be read,
    hypotheses of which none belongs to a reference, and when there is nothing to score.
    """
    if systems and not all(entry.sound for entry in references.entries):
        raise UsageError(
            f"{references.name}: nothing says where these songs can be heard",
            "Give a data set (--data), as `dali-prepare` and `import` make them; or transcribe first, then --hyp.",
        )
    scored = [_score_given(references, given, config, progress) for given in hypotheses]
    scored += [_score_heard(references, system, config, progress, announce) for system in systems]
    report = Report(SCHEMA, VERSION, config.protocol, references=references.name, systems=named_apart(scored))
    if not any(system.words.num_words for system in report.systems):
        raise DataError(
            f"{references.name}: no words to score under protocol {config.protocol}",
            "It knows A-Z and the apostrophe only; --protocol long knows all scripts."
            if config.protocol == "short"
            else None,
        )
    if silent := [song.title for song in report.systems[0].songs if not song.words.num_words]:
        told = f"{listed(silent)}: no words under protocol {config.protocol}"
        progress.warn(f"{told}; what is heard there counts as inserted")
    return _compared(report, progress)


def _compared(report: Report, progress: Progress) -> Report:
    """A report with what can be compared: for all else the figures stand."""
    first, *others = report.systems
    comparisons = []
    for other in others:
        try:
            comparisons.append(compare_systems(first, other))
        except DataError as error:
            progress.warn(f"not compared: {error}")
    return replace(report, comparisons=tuple(comparisons))


def limited(texts: Texts, limit: int | None) -> Texts:
    """At most `limit` of the texts, spread over all."""
    return replace(texts, entries=tuple(spread(texts.entries, limit)))


def _score_given(references: Texts, given: Given, config: ScoreConfig, progress: Progress) -> SystemScore:
    found = match(references, find_texts(given.path))
    if found.unmatched:
        have = "have" if len(found.unmatched) > 1 else "has"
        progress.warn(f"{given.name}: {listed(found.unmatched)} {have} no reference, left out")
    if found.ambiguous:
        told = listed(found.ambiguous)
        progress.warn(f"{given.name}: references that their names cannot tell apart: {told}, left out")
    utterances = []
    for entry, hypothesis in found.pairs:
        utterance = _read(entry, hypothesis, config)
        if hypothesis is None and config.only_common:
            progress.warn(f"{given.name}: '{entry.name}' has {MISSING}, left out")
        else:
            if utterance.problem is not None:
                progress.warn(f"{given.name}: '{entry.name}': {utterance.problem}; all its words count as deleted")
            separation = _separation(given, entry, hypothesis, config, progress)
            utterances.append((entry, replace(utterance, separation=separation)))
    return score_system(
        given.name,
        _performances(utterances, config.language),
        config.protocol,
        unmatched=found.unmatched,
        settings={"hypotheses": given.path.name},
    )


def listed(names: Sequence[str]) -> str:
    """Names for a message, the first few of many."""
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(f"'{name}'" for name in names[:_LISTED]) + more


def _read(entry: Entry, hypothesis: Entry | None, config: ScoreConfig) -> Utterance:
    reference, problem, heard = entry.read(), None, SungText()
    try:
        if hypothesis is None:
            problem = MISSING
        else:
            heard = hypothesis.read()
    except DataError as error:
        problem = str(error)
    power: tuple[float, ...] = ()
    # Loudness is an extra here: a data set may have been scored without its sound.
    with contextlib.suppress(LyricsrecError):
        power = loudness(entry, config.cache)
    return Utterance(reference, heard, entry.start_s, power=power, problem=problem)


def _separation(
    given: Given, entry: Entry, hypothesis: Entry | None, config: ScoreConfig, progress: Progress
) -> SeparationFigures | None:
    """How clean the voice is that lies with a hypothesis."""
    true_vocals = config.stems.of(entry) if config.stems is not None else None
    if true_vocals is None or hypothesis is None or not given.path.is_dir():
        return None
    found = stem_of(given.path, hypothesis)
    mix = entry.sound.path if entry.sound is not None else None
    return measure(true_vocals, found, mix, progress) if found is not None else None


def _score_heard(
    references: Texts, system: System, config: ScoreConfig, progress: Progress, announce: Announce
) -> SystemScore:
    heard = hear_all(references.entries, system, config.cache, stems=config.stems, progress=progress, announce=announce)
    parts = system.config
    settings = {"separator": parts.separator_name, "recognizer": parts.model_name, "seed": str(parts.seed)}
    return score_system(system.name, _performances(list(heard), config.language), config.protocol, settings=settings)


def _performances(utterances: Sequence[tuple[Entry, Utterance]], language: str) -> list[Performance]:
    """Songs of utterances, in the order of their first ones."""
    songs: dict[str, list[Utterance]] = {}
    for entry, utterance in utterances:
        songs.setdefault(entry.song_id or entry.name, []).append(utterance)
    return [Performance(name, _code(parts, language), tuple(parts)) for name, parts in songs.items()]


def _code(utterances: Sequence[Utterance], default: str) -> str:
    """The language of a song: as its reference says, whatever a hypothesis does, else the default."""
    said = (part.reference.language for part in utterances)
    return next((code for name in said if name and (code := iso_code(name))), default)


def iso_code(name: str) -> str | None:
    """The two-letter code of a language by its English name or a code; None when it has none."""
    return language_code(language_name(name))
