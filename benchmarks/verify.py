"""How reliably `align --verify` finds errors in given times.

    python benchmarks/verify.py SONGS --model MODEL [--separator NAME]

SONGS is a folder of folders with a `song.txt` (UltraStar) and the audio it names. Each song is aligned once, without its
times. These are then changed in known ways, verified and corrected; the original times count as correct. Offset and
drift are the worst of all songs, the rest are sums and means.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median

from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.alignment.verify import VerifyConfig, verify, without_times
from lyricsrec.audio.media import SUFFIXES
from lyricsrec.formats.karaoke.ultrastar import read_ultrastar
from lyricsrec.formats.read import read_lyrics
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.pipeline.load import load_pipeline
from lyricsrec.pipeline.settings import PipelineConfig

GLOBAL = {
    "unchanged": Retiming(),
    "0.7 s late": Retiming(1.0, 0.7),
    "1 % slow": Retiming(1.01),
    "1 % fast, 0.4 s early": Retiming(1 / 1.01, -0.4),
}
LINES_A_SONG = 10
MOVE_S = 2.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("songs", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--separator", default="none")
    arguments = parser.parse_args()
    config = PipelineConfig(model=arguments.model, separator=arguments.separator, aligns=True)
    pipeline = load_pipeline(config)
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    for folder in sorted(p for p in arguments.songs.iterdir() if (p / "song.txt").is_file()):
        named = Path(read_ultrastar(folder / "song.txt").audio or "").stem
        sound = next((p for p in folder.glob("*") if p.stem == named and p.suffix.lower() in SUFFIXES), None)
        if sound is None:
            continue
        given = read_lyrics(folder / "song.txt")
        language = given.language or AlignConfig.language
        aligned = pipeline.align(sound, without_times(given.lines), AlignConfig(language=language)).lines
        for shape, lines in (("all words", given.lines), ("lines", [first_word(line) for line in given.lines])):
            for name, row in changed_results(lines, aligned):
                rows[f"{shape}: {name}"].append(row)
        found = verify(given.lines, aligned, VerifyConfig())
        print(
            f"{folder.name}: {'; '.join(found.verdicts)}; offset {found.fitted and found.fitted.offset_s}", flush=True
        )
    print("\n| change | songs | detected | offset s | drift % | lines found | false alarms | words s before | after |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, found_rows in rows.items():
        print(f"| {name} | {len(found_rows)} | {' | '.join(shown(found_rows))} |")


def first_word(line: Line) -> Line:
    return Line((line.words[0], *(Word(word.text, None, None) for word in line.words[1:])))


def changed_results(lines: Sequence[Line], aligned: Sequence[Line]) -> list[tuple[str, dict[str, float]]]:
    chosen = random.Random(0).sample(range(len(lines)), min(LINES_A_SONG, len(lines)))
    single = [(f"a line {MOVE_S:g} s late", Retiming(1.0, 0.0, {number: MOVE_S})) for number in chosen]
    return [(name, evaluate(lines, aligned, change)) for name, change in [*GLOBAL.items(), *single]]


def evaluate(lines: Sequence[Line], aligned: Sequence[Line], change: Retiming) -> dict[str, float]:
    """Verify lines whose times were changed in one way."""
    given = change.lines(lines)
    found = verify(given, aligned, VerifyConfig())
    misfits = {number for number, line in enumerate(found.lines) if line.fit == "misfit"}
    # The inverse of t -> a t + b is t -> (t - b) / a.
    right = Retiming(1 / change.stretch, -change.offset_s / change.stretch)
    middle_s = median(t for line in given if (t := line.start_s) is not None)
    kind = ((r.stretch != 1.0, r.stretch == 1.0 and r.offset_s != 0.0) for r in (right, found.retiming))
    return {
        "detected": change.moves_s.keys() <= misfits and next(kind) == next(kind),
        "offset": abs(found.retiming.stretch * middle_s + found.retiming.offset_s - right.at(middle_s)),
        "drift": 100 * abs(found.retiming.stretch - right.stretch),
        "found": len(misfits & change.moves_s.keys()),
        "false": len(misfits - change.moves_s.keys()),
        "before": error_s(given, lines),
        "after": error_s(found.retiming.lines(given), lines),
    }


def error_s(lines: Sequence[Line], right: Sequence[Line]) -> float:
    pairs = zip((w for line in lines for w in line.words), (w for line in right for w in line.words), strict=True)
    return mean(abs(a.start_s - b.start_s) for a, b in pairs if a.start_s is not None and b.start_s is not None)


def shown(rows: Sequence[dict[str, float]]) -> list[str]:
    return [
        f"{sum(row['detected'] for row in rows)}",
        f"{max(row['offset'] for row in rows):.3f}",
        f"{max(row['drift'] for row in rows):.3f}",
        f"{sum(row['found'] for row in rows)}",
        f"{sum(row['false'] for row in rows)}",
        f"{mean(row['before'] for row in rows):.3f}",
        f"{mean(row['after'] for row in rows):.3f}",
    ]


if __name__ == "__main__":
    main()
