"""Options that mean the same in every command that has them: groups, and single ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from lyricsrec.base.device import DeviceName, DtypeName
from lyricsrec.base.errors import UsageError
from lyricsrec.cli.command import Options
from lyricsrec.cli.screen import Screen
from lyricsrec.formats.registry import OUTPUT_FORMATS
from lyricsrec.lyrics.languages import ALPHABETS

_Number = TypeVar("_Number", int, float)

Song = Annotated[str, typer.Argument(metavar="SONG", help="Audio or video file, or - for standard input.")]


def _none_for_standard_output(path: Path | None) -> Path | None:
    return None if path == Path("-") else path


Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="Output file or folder. Default, and with -: standard output.",
        callback=_none_for_standard_output,
    ),
]
OutputFile = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="Output file. Default, and with -: standard output.",
        dir_okay=False,
        callback=_none_for_standard_output,
    ),
]
Track = Annotated[
    str | None,
    typer.Option(
        help="Sound track to read, of a file with several: number (1 is the first) or language (de, ger, german). "
        "Default: the default track."
    ),
]
Embed = Annotated[
    bool,
    typer.Option(
        "--embed", help="Also write the lyrics with their times into the tags of the sound file, for players."
    ),
]
Sections = Annotated[
    bool,
    typer.Option("--sections", help="Write headings for the sections of the song, such as [Chorus]: txt, lrc, elrc."),
]
Romanise = Annotated[
    bool,
    typer.Option(
        "--romanise",
        help="Add to each line in another script the same line in Latin letters (needs the extra romanise).",
    ),
]
Translate = Annotated[
    bool,
    typer.Option("--translate", help="Add to each line one in English, by Whisper, with the time of the line only."),
]
SoundFolders = Annotated[
    list[Path] | None,
    typer.Option(
        "--audio",
        help="Folder outside the data set in which its manifests may name songs; may be repeated, and is remembered. "
        "Folders that dali-prepare or import read songs from are known.",
    ),
]
Device = Annotated[DeviceName, typer.Option(help="Device to compute on.")]
Dtype = Annotated[DtypeName, typer.Option(help="Number format to compute in.")]
Seed = Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Random seed.")]
Offline = Annotated[bool, typer.Option("--offline", help="Never use the network.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Number of processes. Default: one per processor core.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only errors and results.")]
Alphabet = Annotated[
    str,
    typer.Option(
        help="Letters that texts are normalised to: those of a language (english, german ...), auto (the language of "
        "each song or text), or the letters themselves."
    ),
]


def format_option(default: str) -> typer.models.OptionInfo:
    """`--format` of transcripts, for a command that writes `default` unless asked otherwise."""
    known = ", ".join(OUTPUT_FORMATS)
    text = f"Output format; may be repeated: {known}. Default: {default}, or by the extension of --output."
    option: typer.models.OptionInfo = typer.Option("--format", "-f", help=text)
    return option


@dataclass(frozen=True, kw_only=True)
class Verbosity(Options):
    """How much is printed on stderr."""

    quiet: Quiet = False
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print details of what is done.")] = False

    def screen(self) -> Screen:
        """The screen that prints so much."""
        return Screen(quiet=self.quiet, verbose=self.verbose)


@dataclass(frozen=True, kw_only=True)
class Compute(Options):
    """Where and how exactly to compute."""

    device: Device = "auto"
    dtype: Dtype = "auto"
    offline: Offline = False


def numbers_of(text: str, flag: str, kind: Callable[[str], _Number]) -> tuple[_Number, ...]:
    """The numbers of "0,0,1", each read by `kind`. Raises UsageError that names the flag."""
    try:
        return tuple(kind(part) for part in text.split(","))
    except ValueError:
        what = "whole numbers" if kind is int else "numbers"
        raise UsageError(f"{flag} '{text}' is not a list of {what}", "Separate them by commas, as in 0,0,1.") from None


def letters_of(alphabet: str) -> str | None:
    """The capital letters that `--alphabet` means, None for each song's own. Raises UsageError."""
    if alphabet.lower() == "auto":
        return None
    if alphabet.lower() in ALPHABETS:
        return ALPHABETS[alphabet.lower()]
    letters = "".join(dict.fromkeys(c for c in alphabet.upper() if c.isalpha()))
    if len(letters) < 5 or len(letters) < len(set(alphabet.upper())) / 2 or alphabet.islower():
        raise UsageError(
            f"unknown alphabet '{alphabet}'",
            f"Known: auto, {', '.join(ALPHABETS)}; or write out the letters in capitals.",
        )
    return letters
