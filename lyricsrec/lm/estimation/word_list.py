"""Word lists with frequencies, for language models that need more words than their texts contain."""

from __future__ import annotations

import math
from pathlib import Path

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import open_input, rows_of
from lyricsrec.lyrics.normalise import TextNormalizer


def read_word_list(path: Path, normalizer: TextNormalizer) -> dict[str, float]:
    """Frequencies of normalised words, from lines of a word, a tab, and a frequency (of any sum).

    Entries with the same normalised word are added; an entry that becomes several words counts for each of them.
    Raises DataError when the file cannot be read or a line is invalid.
    """
    frequencies: dict[str, float] = {}
    try:
        with open_input(path) as file:
            for number, line in enumerate(rows_of(file), 1):
                entry, frequency = _entry(line.decode("utf-8-sig"), f"{display_name(path)}, line {number}")
                for word in normalizer.normalize(entry).split():
                    frequencies[word] = frequencies.get(word, 0.0) + frequency
    except UnicodeDecodeError:
        raise DataError(f"{display_name(path)}: not a text in UTF-8", "Convert it: iconv -t utf-8.") from None
    except OSError as error:
        raise DataError(f"{display_name(path)}: cannot be read ({error.strerror or error})") from None
    if not frequencies:
        raise DataError(f"{display_name(path)}: no words with letters of the alphabet")
    return frequencies


def _entry(line: str, place: str) -> tuple[str, float]:
    entry, tab, value = line.rstrip("\r\n").partition("\t")
    try:
        frequency = float(value)
    except ValueError:
        frequency = math.nan
    if not (tab and 0 < frequency < math.inf):
        raise DataError(f"{place}: not a word, a tab, and a frequency above 0")
    return entry, frequency
