"""Damages small files at random, but the same way for the same seed, and has every reader read them.

`python -m helpers.fuzz FOLDER FIRST COUNT [READER...]` reads `COUNT` inputs with limits on time and memory, and prints
a JSON object for each that ended in anything but an error of our own. The input that is being read lies in FOLDER, so
that it is known after a crash.
"""

# ruff: noqa: E501
from __future__ import annotations

import contextlib
import faulthandler
import gzip
import importlib
import json
import random
import re
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from helpers.fuzz_seeds import seeds

SECONDS = 10.0
"""Longest time for an input."""

MEMORY = 1 << 30
"""Most memory for an input, beyond that of the libraries."""

_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_TEXT = re.compile(rb'"[^"\n]{0,40}"')
_ODD_NUMBERS = [b"9" * 400, b"9" * 5000, b"1e999", b"-1", b"NaN", b"Infinity", b"1e-400", b"0", b"-0", b"1.5", b"2147483648",
                b"null", b"true", b'"1"', b"[1]", b"{}", b"\xd9\xa3", b"1" * 21 + b".5"]  # fmt: skip
_ODD_TEXTS = [b'"\\ud800"', b"null", b"7", b"[]", b'{"a": {}}', b'"../../x"', b'"/etc/passwd"', b'"\\u0000"', b'""', b'"\\u202e"',
              b'"' + b"x" * 300 + b'"']  # fmt: skip
_ODD = [b" " * 3000, b"[" * 3000, b"{" * 3000, b"(" * 3000, b"<" * 3000, b"a.b" * 1000, b"\x00", b"\xef\xbb\xbf", b"\xff\xfe",
        b"\n" * 2000, b"\r", b"\t", b"1:" * 1500, b"0" * 3000, b"-->", b"x2", b"'" * 3000, "é".encode(), "歌".encode() * 500,
        b"\\ud800", b"99:99:99.999", b"#BPM:inf\n", b"[offset:" + b"9" * 4000 + b"]"]  # fmt: skip


class HangError(BaseException):
    """An input took longer than it may."""


def damaged(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """The data with one to four changes."""
    for _ in range(chance.randint(1, 4)):
        change = chance.choice(_CHANGES)
        data = change(data, chance, others)[: 1 << 18]
    return data


def _replace(pattern: re.Pattern[bytes], by: list[bytes]) -> Callable[[bytes, random.Random, list[bytes]], bytes]:
    def change(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
        found = list(pattern.finditer(data))
        if not found:
            return data
        match = chance.choice(found)
        return data[: match.start()] + chance.choice(by) + data[match.end() :]

    return change


def _insert(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(_ODD) + data[at:]


def _flip(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    changed = bytearray(data)
    for _number in range(chance.randint(1, 3)):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    first, last = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    return data[:first] if chance.random() < 0.3 else data[:first] + data[last:]


def _repeat(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    first = chance.randint(0, len(data))
    last = min(first + chance.randint(1, 60), len(data))
    return data[:first] + data[first:last] * chance.choice((2, 3, 500)) + data[last:]


def _splice(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    other = chance.choice(others)
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


def _encode(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    name = chance.choice(("utf-16", "cp1252", "shift_jis", "utf-32-le"))
    return data.decode("utf-8", "replace").encode(name, "replace")


_CHANGES = [_replace(_NUMBER, _ODD_NUMBERS), _replace(_NUMBER, _ODD_NUMBERS), _replace(_TEXT, _ODD_TEXTS),
            _replace(_TEXT, _ODD_TEXTS), _insert, _flip, _cut, _repeat, _splice, _encode]  # fmt: skip


def _read_lyrics(path: Path) -> None:
    from lyricsrec.formats.read import read_lyrics, rewritten
    from lyricsrec.formats.registry import OUTPUT_FORMATS
    from lyricsrec.lyrics.normalise import tokenize
    from lyricsrec.lyrics.retiming import Retiming
    from lyricsrec.lyrics.transcript import Provenance, Transcript

    lyrics = read_lyrics(path)
    tokenize("\n".join(line.text for line in lyrics.lines), "plain")
    tokenize("\n".join(line.text for line in lyrics.lines), "short", "it")
    transcript = Transcript("s", 9.0, lyrics.lines, provenance=Provenance("0", "none", "m", decoder="g"))
    for form in OUTPUT_FORMATS.values():
        form.render(transcript).encode()
    if lyrics.timed and lyrics.format.retime is not None:
        rewritten(lyrics, Retiming(offset_s=1.25), path.suffix)


def _read_sound(path: Path) -> None:
    from lyricsrec.audio.media import open_path

    with open_path(path) as song:
        for _ in song.blocks():
            pass
        song.excerpt(0.1, 0.3)
        song.is_cut_short()


def _read_manifest(path: Path) -> None:
    from lyricsrec.dataset.show import statistics
    from lyricsrec.scoring.texts.matching import find_texts

    statistics(path).to_json()
    for entry in find_texts(path).entries:
        entry.read()


def _read_entry(path: Path) -> None:
    from lyricsrec.dataset.preparation.settings import DatasetConfig
    from lyricsrec.dataset.preparation.song import prepare_song
    from lyricsrec.dataset.sources.dali import DaliSource

    source = DaliSource(path.parent, None, {}, data_info={})
    source.to_dali(path)
    prepare_song(source, path, DatasetConfig(languages=()), output=path.parent)


def _packed(read: Callable[[Path], object]) -> Callable[[Path], object]:
    def pack_and_read(path: Path) -> None:
        packed = path.with_suffix(".gz")
        packed.write_bytes(gzip.compress(path.read_bytes(), 1))
        read(packed)

    return pack_and_read


def _read_table(path: Path) -> None:
    from lyricsrec.formats.dali.entry import read_data_info

    read_data_info(path)


def _read_truth(path: Path) -> None:
    from lyricsrec.formats.dali.entry import read_ground_truth

    read_ground_truth(path)


def _read_toml(path: Path) -> None:
    from lyricsrec.training.settings.file import read_config

    read_config(path)


def _read_transcript(path: Path) -> None:
    from lyricsrec.plot.transcripts import read_timed_lines
    from lyricsrec.scoring.report.report_file import read_report

    for read in (lambda: read_timed_lines(str(path)), lambda: read_report(path)):
        with allowed():
            read()


def _read_jamendo(path: Path) -> None:
    from lyricsrec.dataset.sources.jamendolyrics import TABLE, read_table

    path.rename(path.with_name(TABLE))
    read_table(path.parent)


def _read_ultrastar(path: Path) -> None:
    from lyricsrec.dataset.preparation.settings import DatasetConfig
    from lyricsrec.dataset.preparation.song import prepare_song
    from lyricsrec.dataset.sources.base import SourcePaths
    from lyricsrec.dataset.sources.ultrastar import UltraStarSource

    source = UltraStarSource.open(SourcePaths(path.parent))
    source.to_dali(path)
    prepare_song(source, path, DatasetConfig(languages=()), output=path.parent)


def _read_lm_info(path: Path) -> None:
    from lyricsrec.decoding.lm_folder import INFO_FILE, read_info

    path.rename(path.with_name(INFO_FILE))
    read_info(path.parent)


def _read_word_list(path: Path) -> None:
    from lyricsrec.lm.estimation.texts import read_sentences
    from lyricsrec.lm.estimation.word_list import read_word_list
    from lyricsrec.lyrics.normalise import TextNormalizer

    with allowed():
        read_word_list(path, TextNormalizer())
    list(read_sentences(path, TextNormalizer()))


def _read_kenlm(path: Path) -> None:
    from lyricsrec.decoding.kenlm_file import check_kenlm_file

    check_kenlm_file(path)


def _read_separator(path: Path) -> None:
    from lyricsrec.base.device import Compute
    from lyricsrec.separation.registry import load_separator
    from lyricsrec.separation.settings import SEPARATOR_BAG, SeparateConfig

    path.rename(path.with_name(SEPARATOR_BAG))
    load_separator(str(path.parent), SeparateConfig(), Compute("cpu"))


def _read_model(path: Path) -> None:
    from lyricsrec.models.data_only import check_data_only

    check_data_only(path.parent)


READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "sound": ("a.wav", _read_sound),
    "chunks": ("a.jsonl", _read_manifest),
    "songs": ("a.jsonl", _read_manifest),
    "entry": ("a.pickle", _packed(_read_entry)),
    "entry-json": ("a.json", _read_entry),
    "table": ("a.pickle", _packed(_read_table)),
    "truth": ("a.pickle", _packed(_read_truth)),
    "toml": ("a.toml", _read_toml),
    "transcript": ("a.json", _read_transcript),
    "jamendo": ("table", _read_jamendo),
    "ultrastar": ("a.txt", _read_ultrastar),
    "lm-info": ("info", _read_lm_info),
    "word-list": ("a.txt", _read_word_list),
    "kenlm": ("a.arpa", _read_kenlm),
    "separator": ("bag", _read_separator),
    "model-config": ("config.json", _read_model),
    "model-extractor": ("preprocessor_config.json", _read_model),
    "model-tokenizer": ("tokenizer_config.json", _read_model),
    "model-vocabulary": ("vocab.json", _read_model),
}
"""The name of the file and the function that reads it."""

_RARE = {"kenlm": 40, "separator": 4}
"""Readers that start processes or load torch: one input in so many."""


@contextlib.contextmanager
def allowed() -> Iterator[None]:
    """Passes over the errors that readers may raise."""
    from lyricsrec.base.errors import LyricsrecError

    with contextlib.suppress(LyricsrecError):
        yield


def inputs(first: int, count: int, only: list[str]) -> Iterator[tuple[int, str, bytes]]:
    """Numbered inputs with the reader of each."""
    given = seeds()
    names = [name for name in given if not only or name in only]
    for number in range(first, first + count):
        chance = random.Random(number)
        name = names[number % len(names)]
        if name in _RARE and not only and number // len(names) % _RARE[name]:
            name = names[number // len(names) % 16]
        same = given[name]
        others = same if chance.random() < 0.8 else given[chance.choice(names)]
        data = chance.choice(same)
        yield number, name, damaged(data, chance, others)


def read(folder: Path, name: str, data: bytes) -> str | None:
    """Have a reader read an input; what went wrong, None if nothing did."""
    file, reader = ("a." + name.split(".", 1)[1], _read_lyrics) if name.startswith("lyrics.") else READERS[name]
    for old in folder.iterdir():
        old.unlink()
    path = folder / file
    path.write_bytes(data)
    # By the clock on the wall, since a busy machine and first imports take long.
    faulthandler.dump_traceback_later(12 * SECONDS, exit=True)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        with allowed():
            reader(path)
    except HangError:
        return f"longer than {SECONDS:g} s\n{traceback.format_exc(limit=-4)}"
    except BaseException:
        return traceback.format_exc(limit=-6)[-1500:]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()
    return None


def _on_alarm(_number: int, _frame: FrameType | None) -> None:
    raise HangError


def main() -> None:
    """Read inputs, and print what went wrong."""
    folder, first, count, only = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    folder.mkdir(parents=True, exist_ok=True)
    # The limit on memory is for inputs, not for libraries.
    for library in (
        "lyricsrec.training.settings.file",
        "lyricsrec.separation.demucs",
        "lyricsrec.scoring.results",
        "av",
    ):
        importlib.import_module(library)
    signal.signal(signal.SIGPROF, _on_alarm)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY,) * 2)
    started = time.monotonic()
    for number, name, data in inputs(first, count, only):
        if problem := read(folder, name, data):
            print(json.dumps({"number": number, "reader": name, "problem": problem}), flush=True)
    print(f"{count} inputs in {time.monotonic() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
