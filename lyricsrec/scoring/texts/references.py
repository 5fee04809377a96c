"""References and hypotheses in files, folders and manifests, and which of them belong together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name
from lyricsrec.dataset.manifest import SONGS
from lyricsrec.formats.read import STDIN
from lyricsrec.scoring.texts.manifests import entries_of
from lyricsrec.scoring.texts.text import FOLDER, Entry, Texts, name_key, read_sung

_MANIFEST = ".jsonl"
_ULTRASTAR = "UltraStar"
_RANKS = (".json", ".gz", ".textgrid", ".lab", _ULTRASTAR, ".vtt", ".srt", ".elrc", ".lrc", ".txt")
"""Endings of files with lyrics; of several for one song the first is taken, which says most."""


@dataclass(frozen=True)
class Match:
    """References, each with the hypothesis that belongs to it or None.

    `unmatched` are hypotheses that nothing belongs to; `ambiguous` references whose names leave open what does.
    """

    pairs: tuple[tuple[Entry, Entry | None], ...]
    unmatched: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()


def find_texts(path: Path) -> Texts:
    """The texts at a path: a file that `read_lyrics` reads (`-`: stdin), a manifest, a data set, or a folder of files.

    Nothing but manifests is read yet. Raises DataError when there is nothing, and for a manifest with an id twice.
    """
    name = "stdin" if str(path) == STDIN else display_name(path)
    if path.is_dir():
        if (path / SONGS).is_file():
            return find_texts(path / SONGS)
        files = sorted(
            p for p in path.rglob("*") if p.suffix.lower() in _RANKS and p.is_file() and not _hidden(p, path)
        )
        if not files:
            raise DataError(f"{name}: no lyrics in this folder", f"Files end in {', '.join(_endings())}.")
        return Texts(name, tuple(_of_file(file, file.relative_to(path)) for file in files))
    if str(path) != STDIN and not path.exists():
        raise DataError(f"{name}: no such file or folder")
    if path.suffix == _MANIFEST:
        return Texts(name, tuple(entries_of(path)))
    return Texts(name, (_of_file(path, Path(name if str(path) == STDIN else path.name)),), is_file=True)


def match(references: Texts, hypotheses: Texts) -> Match:
    """Find what belongs together: two single files do; else by name, in that way of naming which matches most.

    Files in folders are named by their path without ending, by their bare name, or by their folder where each song
    has one; songs of a manifest by id, as "artist - title", and by their audio file or its folder. Raises DataError
    when nothing belongs together.
    """
    if references.is_file and hypotheses.is_file:
        return Match(((references.entries[0], hypotheses.entries[0]),))
    ways = [(a, references.called(a), hypotheses.called(b)) for a in references.namings for b in hypotheses.namings]
    naming, sung, heard = max(ways, key=lambda way: len(way[1].keys() & way[2].keys()), default=("", {}, {}))
    if not sung.keys() & heard.keys():
        raise DataError(
            f"nothing in {hypotheses.name} is called as a song of {references.name}",
            f"A reference: '{next(iter(sung), '')}'; a hypothesis: '{next(iter(heard), '')}'.",
        )
    return Match(
        tuple((entry, heard.get(name)) for name, entry in sorted(sung.items())),
        tuple(sorted(heard.keys() - sung.keys())),
        tuple(entry.name for entry in references.entries if entry.names.get(naming) not in sung),
    )


def _of_file(path: Path, relative: Path) -> Entry:
    bare = relative.with_suffix("") if relative.suffix.lower() in _RANKS else relative
    names = {"path": name_key(bare.as_posix()), "name": name_key(bare.name)}
    if relative.parent != Path():
        names[FOLDER] = name_key(relative.parent.as_posix())
    ending = _ULTRASTAR if _is_ultrastar(path) else path.suffix.lower()
    rank = _RANKS.index(ending) if ending in _RANKS else len(_RANKS)
    # Kept, for stdin can be read only once.
    return Entry(names, cache(partial(read_sung, path, bare.as_posix())), rank)


def _endings() -> tuple[str, ...]:
    return tuple(ending for ending in _RANKS if ending != _ULTRASTAR)


def _is_ultrastar(path: Path) -> bool:
    if path.suffix.lower() != ".txt":
        return False
    try:
        with path.open("rb") as file:
            return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"#")
    except OSError:
        return False


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)
