"""Finding references and hypotheses in files, folders and manifests, and matching them by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name, encodable
from lyricsrec.base.reading.input_files import open_input
from lyricsrec.dataset.manifest import SONGS
from lyricsrec.formats.read import STDIN
from lyricsrec.formats.registry import INPUT_FORMATS
from lyricsrec.scoring.texts.manifests import entries_of
from lyricsrec.scoring.texts.text import FOLDER, Entry, Texts, name_key, read_scored_text

_MANIFEST = ".jsonl"
_ULTRASTAR = "UltraStar"
_BEST = (".json", ".gz", ".textgrid", ".lab", _ULTRASTAR)
_LAST = (".elrc", ".lrc", ".txt")
_TIMES = ("words", "starts", "lines", "none")


def _ranked() -> tuple[str, ...]:
    forms = sorted(INPUT_FORMATS.values(), key=lambda form: _TIMES.index(form.times))
    others = dict.fromkeys(suffix.lower() for form in forms for suffix in form.suffixes)
    return (*_BEST, *(suffix for suffix in others if suffix not in (*_BEST, *_LAST)), *_LAST)


_RANKS = _ranked()
"""Suffixes of lyrics files, those with the most information first: the first one found for a song is used."""


@dataclass(frozen=True)
class Match:
    """References, each with its hypothesis or None.

    `unmatched` are hypotheses without a reference, `ambiguous` references that share a name with another.
    """

    pairs: tuple[tuple[Entry, Entry | None], ...]
    unmatched: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()


def find_texts(path: Path) -> Texts:
    """The texts at a path: a file that `read_lyrics` reads (`-`: stdin), a manifest, a data set, or a folder of files.

    Only manifests are read at once. Raises DataError if nothing is there, and for a manifest with an id twice.
    """
    name = "stdin" if str(path) == STDIN else display_name(path)
    if path.is_dir():
        if (path / SONGS).is_file():
            return find_texts(path / SONGS)
        files = sorted(
            p for p in path.rglob("*") if p.suffix.lower() in _RANKS and p.is_file() and not _hidden(p, path)
        )
        if not files:
            raise DataError(f"{name}: no lyrics in this folder", f"Files must end in {', '.join(_suffixes())}.")
        return Texts(name, tuple(_of_file(file, file.relative_to(path)) for file in files))
    if str(path) != STDIN and not path.exists():
        raise DataError(f"{name}: no such file or folder")
    if path.suffix == _MANIFEST:
        return Texts(name, tuple(entries_of(path)))
    return Texts(name, (_of_file(path, Path(name if str(path) == STDIN else path.name)),), is_file=True)


def match(references: Texts, hypotheses: Texts) -> Match:
    """Match hypotheses with references: two single files match; others by name, in the naming with the most matches.

    Names of files in folders are the path without suffix, the file name, or the folder if each song has its own; names
    of songs in a manifest are the id, "artist - title", the audio file, or its folder. Raises DataError without any
    match.
    """
    if references.is_file and hypotheses.is_file:
        return Match(((references.entries[0], hypotheses.entries[0]),))
    ways = [(a, references.called(a), hypotheses.called(b)) for a in references.namings for b in hypotheses.namings]
    naming, found, candidates = max(ways, key=lambda way: len(way[1].keys() & way[2].keys()), default=("", {}, {}))
    if not found.keys() & candidates.keys():
        raise DataError(
            f"no name in {hypotheses.name} matches a song in {references.name}",
            "Give both the same names. "
            f"A reference is called '{next(iter(found), '')}', a hypothesis '{next(iter(candidates), '')}'.",
        )
    return Match(
        tuple((entry, candidates.get(name)) for name, entry in sorted(found.items())),
        tuple(sorted(candidates.keys() - found.keys())),
        tuple(entry.name for entry in references.entries if entry.names.get(naming) not in found),
    )


def _of_file(path: Path, relative: Path) -> Entry:
    relative = Path(encodable(str(relative)))
    bare = relative.with_suffix("") if relative.suffix.lower() in _RANKS else relative
    names = {"path": name_key(bare.as_posix()), "name": name_key(bare.name)}
    if relative.parent != Path():
        names[FOLDER] = name_key(relative.parent.as_posix())
    ending = _ULTRASTAR if _is_ultrastar(path) else path.suffix.lower()
    rank = _RANKS.index(ending) if ending in _RANKS else len(_RANKS)
    # Cached because stdin can be read only once.
    return Entry(names, cache(partial(read_scored_text, path, bare.as_posix())), rank)


def _suffixes() -> tuple[str, ...]:
    return tuple(suffix for suffix in _RANKS if suffix != _ULTRASTAR)


def _is_ultrastar(path: Path) -> bool:
    if path.suffix.lower() != ".txt":
        return False
    try:
        with open_input(path) as file:
            return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"#")
    except OSError:
        return False


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)
