"""Texts for language models (files, compressed or not, folders, and manifests) as normalised sentences."""

from __future__ import annotations

import contextlib
import gzip
import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import open_input, rows_of
from lyricsrec.dataset.manifest import chunks_to_learn, is_song_manifest, songs_to_learn
from lyricsrec.lyrics.normalise import TextNormalizer

SUFFIXES = (".txt", ".xz", ".gz")
"""Suffixes of texts in a folder; manifests must be given by name."""

_MANIFEST = ".jsonl"


def read_sentences(path: Path, normalizer: TextNormalizer) -> Iterator[list[str]]:
    """The lines of a text as normalised words; lines without words are skipped.

    A folder stands for the texts in it and its subfolders, by name; a manifest for the lyrics of its songs or chunks.
    Raises DataError when nothing can be read, and for a test split, on which a language model must not be trained.
    """
    for line in _lines(path):
        if words := normalizer.normalize(line).split():
            yield words


def _lines(path: Path) -> Iterator[str]:
    if path.is_dir():
        texts = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
        if not texts:
            raise DataError(f"{display_name(path)}: no texts ({', '.join(SUFFIXES)}) in this folder")
        for text in texts:
            yield from _text_lines(text)
    elif path.suffix == _MANIFEST:
        yield from _manifest_lines(path)
    else:
        yield from _text_lines(path)


def _text_lines(path: Path) -> Iterator[str]:
    try:
        with _open(path) as file:
            for line in rows_of(file):
                yield line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{display_name(path)}: not a text in UTF-8", "Convert it: iconv -t utf-8.") from None
    except FileNotFoundError:
        raise DataError(f"{display_name(path)}: no such file") from None
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{display_name(path)}: cannot be read ({reason})") from None


@contextlib.contextmanager
def _open(path: Path) -> Iterator[BinaryIO]:
    with open_input(path) as file:
        if path.suffix.lower() == ".xz":
            with lzma.open(file) as unpacked:
                yield cast(BinaryIO, unpacked)
        elif path.suffix.lower() == ".gz":
            with gzip.open(file) as unpacked:
                yield cast(BinaryIO, unpacked)
        else:
            yield file


def _manifest_lines(path: Path) -> Iterator[str]:
    if is_song_manifest(path):
        for song in songs_to_learn(path):
            yield from (line.text for line in song.lines)
    else:
        yield from (chunk.text for chunk in chunks_to_learn(path))
