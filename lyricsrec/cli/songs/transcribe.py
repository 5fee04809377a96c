"""`lyricsrec transcribe`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import interrupt, options
from lyricsrec.cli.command import Options
from lyricsrec.cli.screen import EXIT_FAILURE, Screen, print_result
from lyricsrec.decoding.settings import DecodeConfig, SearchName, Weights
from lyricsrec.formats.base import Format
from lyricsrec.models.catalogue import LISTENING_SEPARATOR
from lyricsrec.pipeline.settings import PipelineConfig, WordTimes
from lyricsrec.separation.registry import family_of
from lyricsrec.separation.settings import SeparateConfig

if TYPE_CHECKING:
    from lyricsrec.audio.media import Song
    from lyricsrec.lyrics.transcript import Transcript
    from lyricsrec.pipeline.batch import Finish, Outcome
    from lyricsrec.pipeline.pipeline import Pipeline

EXAMPLES = """
**Examples**

`lyricsrec transcribe song.mp3` prints the lyrics.

`lyricsrec transcribe song.mp3 -o song.lrc` writes an LRC file; the extension selects the format.

`lyricsrec transcribe album/ -f lrc -f srt -f json -o out/ --skip-existing` transcribes a folder in three formats.

`ffmpeg -i video.mkv -f wav - | lyricsrec transcribe - -f json | jq .text` works in a pipeline.

`lyricsrec transcribe song.flac --preset wav2vec2 --beam 50 --lm lyrics` separates with Demucs, recognises with \
Wav2Vec2, and searches with the built-in language model.
"""

_SEPARATE, _WEIGHTS = SeparateConfig(), Weights()


@dataclass(frozen=True, kw_only=True)
class Files(Options):
    """What is written where."""

    format_: Annotated[list[str] | None, options.format_option("txt")] = None
    output: options.Output = None
    skip_existing: Annotated[bool, typer.Option("--skip-existing", help="Skip songs whose results already exist.")] = (
        False
    )
    embed: options.Embed = False
    sections: options.Sections = False
    romanise: options.Romanise = False
    translate: options.Translate = False
    stems: Annotated[
        Path | None,
        typer.Option(
            help="Also save vocals and instrumental as FLAC files in this folder, separated by --separator, by the "
            f"preset's Demucs, or else by {LISTENING_SEPARATOR}."
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Models(Options):
    """Which models transcribe."""

    preset: Annotated[
        str | None,
        typer.Option(
            help="Separator and recogniser that go together, from `lyricsrec models list`. Default: offline, or "
            "builtin if offline is not installed."
        ),
    ] = None
    separator: Annotated[
        str | None, typer.Option(help="Separator instead of the preset's: none, center, spleeter, htdemucs, ...")
    ] = None
    model: Annotated[
        str | None,
        typer.Option(help="Recogniser instead of the preset's: known name, hub repository (owner/name) or folder."),
    ] = None
    language: Annotated[
        str | None, typer.Option(help="Language of the lyrics, for multilingual models (en, de; MMS: eng, deu).")
    ] = None


@dataclass(frozen=True, kw_only=True)
class Search(Options):
    """How the output of CTC models is searched."""

    beam: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Beam width for CTC models; 1 is greedy decoding. Default: greedy without a language model; with one, "
            f"the width found by `lm tune`, else {_WEIGHTS.beam_width}.",
        ),
    ] = None
    lm: Annotated[
        str | None,
        typer.Option(
            help="Language model for CTC models: lyrics (built in), ARPA file, KenLM binary, or folder from `lm build`."
        ),
    ] = None
    alpha: Annotated[
        float | None,
        typer.Option(help=f"Weight of the language model. Default: found by `lm tune`, else {_WEIGHTS.alpha:g}."),
    ] = None
    beta: Annotated[
        float | None,
        typer.Option(help=f"Bonus per word in the search. Default: found by `lm tune`, else {_WEIGHTS.beta:g}."),
    ] = None
    hotword: Annotated[list[str] | None, typer.Option(help="Word to expect, such as a name; may be repeated.")] = None
    search: Annotated[
        SearchName,
        typer.Option(
            help="Search for CTC models: prefix uses pyctcdecode, the others a faster compiled search where possible."
        ),
    ] = "auto"

    def config(self) -> DecodeConfig:
        """The settings of the decoder."""
        return DecodeConfig(
            beam_width=self.beam,
            lm=self.lm,
            alpha=self.alpha,
            beta=self.beta,
            hotwords=tuple(self.hotword or ()),
            search=self.search,
        )


def transcribe(
    songs: Annotated[
        list[str],
        typer.Argument(metavar="SONG...", help="Audio or video files, folders of them, or - for standard input."),
    ],
    *,
    files: Files,
    models: Models,
    search: Search,
    times: Annotated[
        WordTimes,
        typer.Option(help="Word timestamps for Whisper models: aligned by the CTC model sung.en, or Whisper's own."),
    ] = "aligned",
    shifts: Annotated[
        int, typer.Option(min=0, help="Number of random time shifts that Demucs averages over.")
    ] = _SEPARATE.shifts,
    track: options.Track = None,
    compute: options.Compute,
    seed: options.Seed = _SEPARATE.seed,
    verbosity: options.Verbosity,
) -> None:
    """Transcribe the lyrics of songs, with a timestamp for every word."""
    config = PipelineConfig(
        preset=models.preset,
        separator=models.separator,
        model=models.model,
        language=models.language,
        device=compute.device,
        dtype=compute.dtype,
        seed=seed,
        offline=compute.offline,
        search_aside=True,
        writes_stems=files.stems is not None,
        times=times,
        separate=SeparateConfig(shifts=shifts, seed=seed),
        decode=search.config(),
    )
    config.check()
    if files.stems is not None and not family_of(config.stem_separator_name).makes_stems:
        raise UsageError(
            f"--separator {config.stem_separator_name} makes no stems",
            f"Leave it out, or name another of `lyricsrec models list`, such as {LISTENING_SEPARATOR}.",
        )
    with verbosity.screen() as screen:
        num_failed = _run(songs, track, files, config=config, screen=screen)
    if num_failed:
        raise typer.Exit(EXIT_FAILURE)


def _run(arguments: Sequence[str], track: str | None, files: Files, *, config: PipelineConfig, screen: Screen) -> int:
    """Transcribe, print and report; returns how many songs failed."""
    from lyricsrec.audio.inputs import find_songs
    from lyricsrec.pipeline.batch import plan_output, transcribe_songs

    songs = find_songs(arguments, track=track)
    plan = plan_output(
        files.format_ or [], files.output, len(songs), stems=files.stems, skip_existing=files.skip_existing
    )
    plan = replace(plan if not files.sections else plan.with_sections, embeds=files.embed)
    several = len(songs) > 1
    num_failed = 0
    outcomes = transcribe_songs(
        songs, partial(_load, config, files, screen), plan, screen, finish=_finish(files, screen)
    )
    for number, song in enumerate(songs, 1):
        screen.begin(f"{number}/{len(songs)} {song.relative.name}: " if several else "")
        outcome = next(outcomes)
        interrupt.check()
        num_failed += outcome.error is not None
        _report(outcome, screen, embeds=files.embed)
        if files.output is None and outcome.transcript is not None:
            _print(outcome, plan.formats[0], several)
    return num_failed


def _load(config: PipelineConfig, files: Files, screen: Screen) -> Pipeline:
    from lyricsrec.pipeline.load import load_pipeline
    from lyricsrec.pipeline.translation.translate import check_translates

    pipeline = load_pipeline(config, progress=screen)
    if files.translate:
        check_translates(pipeline)
    return pipeline


def _finish(files: Files, screen: Screen) -> Finish:
    """Adds the lines that are shown beside those that are sung."""
    from lyricsrec.music.romanise import with_romanised
    from lyricsrec.pipeline.translation.translate import with_translation

    def finish(pipeline: Pipeline, song: Song, transcript: Transcript) -> Transcript:
        if files.translate:
            transcript = with_translation(pipeline, song, transcript, screen)
        return with_romanised(transcript) if files.romanise else transcript

    return finish


def _report(outcome: Outcome, screen: Screen, *, embeds: bool) -> None:
    if outcome.error is not None:
        screen.error(outcome.error)
    elif outcome.transcript is None:
        screen.note(f"{outcome.song.name}: skipped, its results exist")
    else:
        for remark in outcome.transcript.notes:
            screen.note(f"{outcome.song.name}: {remark}")
        for path in outcome.files:
            screen.note(f"wrote {path}")
        if embeds and outcome.transcript.words:
            screen.note(f"{outcome.song.name}: lyrics written into its tags")


def _print(outcome: Outcome, form: Format, several: bool) -> None:
    """Print a transcript; with several songs, JSON is one document per line, other formats follow the song's name."""
    assert outcome.transcript is not None
    if several and form.name == "json":
        print_result(outcome.transcript.to_json(indent=None) + "\n")
    elif several:
        print_result(f"==> {outcome.song.name} <==\n{form.render(outcome.transcript)}\n")
    else:
        print_result(form.render(outcome.transcript))
