"""`lyricsrec transcribe`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import interrupt, options
from lyricsrec.cli.screen import EXIT_FAILURE, Screen, print_result, reporting
from lyricsrec.decoding.settings import DecodeConfig, SearchName, Weights
from lyricsrec.formats.base import Format
from lyricsrec.formats.registry import OUTPUT_FORMATS
from lyricsrec.pipeline.settings import PipelineConfig, WordTimes
from lyricsrec.separation.settings import SeparateConfig

if TYPE_CHECKING:
    from lyricsrec.pipeline.batch import Outcome

EXAMPLES = """
**Examples**

`lyricsrec transcribe song.mp3` prints the lyrics.

`lyricsrec transcribe song.mp3 -o song.lrc` writes LRC; the ending chooses the format.

`lyricsrec transcribe album/ -f lrc -f srt -f json -o out/ --skip-existing` works through a folder.

`ffmpeg -i video.mkv -f wav - | lyricsrec transcribe - -f json | jq .text` takes its place in a pipeline.

`lyricsrec transcribe song.flac --preset wav2vec2 --beam 50 --lm lyrics` separates with Demucs, recognises with \
Wav2Vec2 and searches with the language model that comes with lyricsrec.
"""

_PIPELINE, _DECODE, _SEPARATE, _WEIGHTS = PipelineConfig(), DecodeConfig(), SeparateConfig(), Weights()


def transcribe(
    songs: Annotated[list[str], typer.Argument(metavar="SONG...", help="Files, folders, or - for standard input.")],
    format_: Annotated[
        list[str] | None,
        typer.Option(
            "--format", "-f", help=f"May repeat: {', '.join(OUTPUT_FORMATS)}. Default: txt, or by --output's ending."
        ),
    ] = None,
    output: options.Output = None,
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", help="Leave out songs whose results exist.")
    ] = False,
    stems: Annotated[Path | None, typer.Option(help="Keep vocals and accompaniment as FLAC in this folder.")] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="Models that go together: see `lyricsrec models list`. Default: offline, or builtin without it."
        ),
    ] = None,
    separator: Annotated[
        str | None, typer.Option(help="none, center, htdemucs, htdemucs_ft, ... instead of the preset's.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Recogniser instead of the preset's: known name, hub owner/name, or folder.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Language sung, for models that know several (en, de; MMS: eng, deu).")
    ] = None,
    beam: Annotated[
        int | None,
        typer.Option(min=1, help="CTC beam width; 1 is greedy, as are models without a preset's --lm."),
    ] = None,
    lm: Annotated[
        str | None,
        typer.Option(
            help="Language model for CTC models: lyrics (built in), ARPA, KenLM binary, or folder of `lm build`."
        ),
    ] = None,
    alpha: Annotated[
        float | None,
        typer.Option(help=f"Weight of the language model. Default: as `lm tune` found, else {_WEIGHTS.alpha:g}."),
    ] = None,
    beta: Annotated[
        float | None,
        typer.Option(help=f"Bonus for each word in the search. Default: as `lm tune` found, else {_WEIGHTS.beta:g}."),
    ] = None,
    hotword: Annotated[
        list[str] | None, typer.Option(help="A word to expect in the search, such as a name; may repeat.")
    ] = None,
    search: Annotated[
        SearchName, typer.Option(help="auto or lexicon (compiled where they can be), or prefix (pyctcdecode).")
    ] = _DECODE.search,
    times: Annotated[
        WordTimes, typer.Option(help="Where the times of Whisper's words come from: aligned (by sung.en), or its own.")
    ] = _PIPELINE.times,
    shifts: Annotated[int, typer.Option(min=0, help="Demucs random shifts to average.")] = _SEPARATE.shifts,
    device: options.Device = _PIPELINE.device,
    dtype: options.Dtype = _PIPELINE.dtype,
    seed: options.Seed = _PIPELINE.seed,
    offline: options.Offline = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Write down the lyrics of songs, with a time for every word."""
    screen = Screen(quiet=quiet, verbose=verbose)
    with reporting(screen):
        config = PipelineConfig(
            preset=preset,
            separator=separator,
            model=model,
            language=language,
            device=device,
            dtype=dtype,
            seed=seed,
            offline=offline,
            search_aside=True,
            times=times,
            separate=SeparateConfig(shifts=shifts, seed=seed),
            decode=DecodeConfig(beam, lm, alpha, beta=beta, hotwords=tuple(hotword or ()), search=search),
        )
        config.check()
        if stems is not None and not config.makes_stems:
            raise UsageError("--stems needs a separator", "Add --separator center or htdemucs.")
        failed = _run(songs, format_ or [], output, stems, skip_existing, config, screen)
    if failed:
        raise typer.Exit(EXIT_FAILURE)


def _run(
    arguments: Sequence[str],
    formats: Sequence[str],
    output: Path | None,
    stems: Path | None,
    skip_existing: bool,
    config: PipelineConfig,
    screen: Screen,
) -> int:
    """Transcribe, print and report; returns how many songs failed."""
    from lyricsrec.audio.inputs import find_songs
    from lyricsrec.pipeline.batch import plan_output, transcribe_songs
    from lyricsrec.pipeline.load import load_pipeline

    songs = find_songs(arguments)
    plan = plan_output(formats, output, len(songs), stems=stems, skip_existing=skip_existing)
    printed = output is None
    failed = 0
    outcomes = transcribe_songs(songs, lambda: load_pipeline(config, progress=screen), plan, screen)
    for number, song in enumerate(songs, 1):
        screen.begin(f"{number}/{len(songs)} {song.relative.name}: " if len(songs) > 1 else "")
        outcome = next(outcomes)
        interrupt.check()
        failed += outcome.error is not None
        _report(outcome, screen)
        if printed and outcome.transcript is not None:
            _print(outcome, plan.formats[0], len(songs) > 1)
    return failed


def _report(outcome: Outcome, screen: Screen) -> None:
    if outcome.error is not None:
        screen.error(outcome.error)
    elif outcome.transcript is None:
        screen.note(f"{outcome.song.name}: done before, skipped")
    else:
        for remark in outcome.transcript.notes:
            screen.note(f"{outcome.song.name}: {remark}")
        for path in outcome.files:
            screen.note(f"wrote {path}")


def _print(outcome: Outcome, form: Format, several: bool) -> None:
    """Print a transcript; of several, JSON comes one document a line and the rest under the song's name."""
    assert outcome.transcript is not None
    if several and form.name == "json":
        print_result(outcome.transcript.to_json(indent=None) + "\n")
    elif several:
        print_result(f"==> {outcome.song.name} <==\n{form.render(outcome.transcript)}\n")
    else:
        print_result(form.render(outcome.transcript))
