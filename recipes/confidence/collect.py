"""Transcribes songs whose lyrics are known, and stores the evidence for each word for `fit.py`.

    python recipes/confidence/collect.py OUTPUT FOLDER... [--jamendo JAMENDOLYRICS] [--preset offline]

The songs are those of `benchmarks/offline.py`: each folder holds `audio.*` and `lyrics.txt`; JAMENDOLYRICS is a copy of
that data set, of which the songs that have audio are used. OUTPUT gets a JSON file for each song; songs that have one
are not transcribed again.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from lyricsrec import load_pipeline
from lyricsrec.recognition.confidence import ConfidenceModel, RecognizedSong


@dataclass(frozen=True)
class Watching(ConfidenceModel):
    """Remembers the evidence that it is given, and leaves confidences as the recogniser's token probabilities."""

    def confidences(self, song: RecognizedSong) -> list[float]:
        """Remember a song."""
        SEEN.append(song)
        return [word.confidence or 0.0 for word in song.words]


SEEN: list[RecognizedSong] = []


def songs(folders: list[Path], jamendo: Path | None) -> Iterator[tuple[str, Path, Path]]:
    """Name, audio and lyrics of each song."""
    for folder in folders:
        audio = next((p for p in sorted(folder.iterdir()) if p.stem == "audio"), None)
        if audio is not None:
            yield folder.name, audio, folder / "lyrics.txt"
    if jamendo is not None:
        with (jamendo / "JamendoLyrics.csv").open(encoding="utf-8") as file:
            rows = [Path(row["Filepath"]) for row in csv.DictReader(file)]
        for name in rows:
            if (audio := jamendo / "mp3" / name).exists():
                yield name.stem, audio, jamendo / "lyrics" / f"{name.stem}.txt"


def main() -> None:
    """Transcribe the songs that have no file yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--jamendo", type=Path, help="a copy of JamendoLyrics")
    parser.add_argument("--preset", default="offline")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    pipeline = replace(load_pipeline(arguments.preset), confidence=Watching({}, 0.0, 0.0))
    for name, audio, lyrics in songs(arguments.folders, arguments.jamendo):
        file = arguments.output / f"{name}.json"
        if file.exists():
            continue
        SEEN.clear()
        pipeline.transcribe(audio)
        # Nothing was recognised where nothing was seen.
        seen = SEEN[0] if SEEN else RecognizedSong([], [], None)
        document = {"song": name, "lyrics": lyrics.read_text("utf-8"), **asdict(seen)}
        file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        print(f"{name}: {len(seen.words)} words", flush=True)


if __name__ == "__main__":
    main()
