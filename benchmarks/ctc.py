"""Error rates of a CTC model on whole songs: greedy, with beam search, and with language models, in one run.

    python benchmarks/ctc.py --model MODEL [--separator none] [--lm lyrics]... FOLDER...

Each folder holds one song (`audio.*`) and its lyrics (`lyrics.txt`). The model recognises every song once; each decoder
decodes the same emission. Word and character errors are pooled over the songs, then divided.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

import jiwer

from lyricsrec import load_pipeline
from lyricsrec.decoding.emission import Emission
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.lyrics.normalise import normalized_words
from lyricsrec.lyrics.transcript import Word
from lyricsrec.lyrics.wer import Edits, count_edits


class Searches:
    """Several decoders as one, which stores the words of each."""

    name = "all"

    def __init__(self, decoders: dict) -> None:
        self.decoders = decoders
        self.seconds = dict.fromkeys(decoders, 0.0)
        self.words: dict[str, list[Word]] = {}

    def reset(self) -> None:
        """Prepare for another song."""
        self.words = {name: [] for name in self.decoders}

    def begin(self, emission: Emission) -> Callable[[], tuple[Word, ...]]:
        """Decode with all of them; the pipeline gets no words."""
        for name, decoder in self.decoders.items():
            began = time.perf_counter()
            self.words[name] += decoder.decode(emission)
            self.seconds[name] += time.perf_counter() - began
        return tuple


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--separator", default="none")
    parser.add_argument("--lm", action="append", default=[], help="a language model; may repeat")
    parser.add_argument("--beam", type=int, default=100)
    parser.add_argument("--alpha", type=float)
    parser.add_argument("--beta", type=float)
    parser.add_argument(
        "--pyctcdecode", action="store_true", help="also decode with pyctcdecode and each language model"
    )
    parser.add_argument("--show", action="store_true", help="print the hypotheses")
    arguments = parser.parse_args()

    pipeline = load_pipeline("offline", model=arguments.model, separator=arguments.separator)
    vocabulary = pipeline.recognizer.vocabulary
    configs = {"greedy": DecodeConfig(), f"beam {arguments.beam}": DecodeConfig(arguments.beam)}
    for lm in arguments.lm:
        configs[f"with {lm}"] = DecodeConfig(arguments.beam, lm, arguments.alpha, beta=arguments.beta)
        if arguments.pyctcdecode:
            configs[f"pyctcdecode with {lm}"] = dataclasses.replace(configs[f"with {lm}"], search="prefix")
    searches = Searches({name: make_decoder(vocabulary, config) for name, config in configs.items()})
    pipeline = dataclasses.replace(pipeline, decoder=searches)
    edits = dict.fromkeys(configs, Edits())
    wrong, letters = dict.fromkeys(configs, 0), 0
    for folder in arguments.folders:
        reference = (folder / "lyrics.txt").read_text("utf-8")
        audio = next(path for path in sorted(folder.iterdir()) if path.stem == "audio")
        searches.reset()
        pipeline.transcribe(audio)
        expected = " ".join(normalized_words(reference, "plain"))
        letters += len(expected)
        row = [f"{folder.name[:40]:40}"]
        for name, words in searches.words.items():
            text = " ".join(word.text for word in words)
            found = count_edits([reference], [text], "plain")
            edits[name] = edits[name] + found
            characters = jiwer.process_characters(expected, " ".join(normalized_words(text, "plain")))
            wrong[name] += characters.substitutions + characters.deletions + characters.insertions
            row.append(f"{name} {100 * found.wer:5.1f} %")
            if arguments.show:
                print(f"\n[{name}] {text}")
        print("  ".join(row), flush=True)
    for name, decoder in searches.decoders.items():
        print(
            f"{name:20} WER {100 * edits[name].wer:.1f} %  CER {100 * wrong[name] / letters:.1f} %  "
            f"{edits[name]}  search {searches.seconds[name]:.1f} s  {decoder.name}"
        )


if __name__ == "__main__":
    main()
