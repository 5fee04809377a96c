"""How much time is saved by searching one piece while the next one is recognised?

    python benchmarks/batch.py --lm LM --text lyrics.txt [--minutes 3] [--songs 2] [--error 0.2]

Transcribes noise with a Wav2Vec2 of the base size, whose weights are random: it computes what a trained one would, and its
log-probabilities are replaced by simulated ones (see decode.py). Prints, for every search, how long a batch takes with
the search in the same process and in another, how many cores recognition keeps busy, and the ratio.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from decode import LETTERS, synthetic_emission, texts

from lyricsrec.decoding.emission import Emission
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.search_process import SearchProcess
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.pipeline.load import load_pipeline
from lyricsrec.pipeline.settings import PipelineConfig


def base_model(folder: Path) -> Path:
    """A Wav2Vec2 of the base size with random weights."""
    from transformers import Wav2Vec2Config, Wav2Vec2CTCTokenizer, Wav2Vec2FeatureExtractor, Wav2Vec2ForCTC

    folder.mkdir()
    labels = ["<pad>", "|", *(letter for letter in LETTERS if letter != " ")]
    (folder / "vocab.json").write_text(json.dumps({label: i for i, label in enumerate(labels)}))
    tokenizer = Wav2Vec2CTCTokenizer(
        str(folder / "vocab.json"),
        unk_token=None,
        bos_token=None,
        eos_token=None,
        pad_token="<pad>",
        word_delimiter_token="|",
    )
    Wav2Vec2ForCTC(Wav2Vec2Config(vocab_size=len(tokenizer), pad_token_id=0)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=False).save_pretrained(folder)
    return folder


@dataclass
class Simulated:
    """A recogniser that computes as another does, but returns the log-probabilities of a text."""

    inner: Any
    text: np.ndarray
    wall_s: float = 0.0
    cpu_s: float = 0.0

    def recognize(self, pieces: Any, report: Any) -> Any:
        """The text's next log-probabilities for each piece, when the other recogniser is done with it."""
        labels = self.inner.vocabulary.labels
        columns = [labels.index("|" if letter == " " else letter) for letter in LETTERS]
        for piece in pieces:
            wall, cpu = time.perf_counter(), time.process_time()
            emission = self.inner.emission(piece.voice)
            self.wall_s += time.perf_counter() - wall
            self.cpu_s += time.process_time() - cpu
            log_probs = np.full(emission.log_probs.shape, -20, np.float32)
            first = round(piece.voice.start_s / emission.frame_s) % (len(self.text) - len(log_probs))
            log_probs[:, [*columns, self.inner.vocabulary.blank]] = self.text[first : first + len(log_probs)]
            yield Emission(log_probs, emission.frame_s, emission.start_s, vocabulary=emission.vocabulary)
            report(piece.voice.end_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lm", type=Path, required=True)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--songs", type=int, default=2)
    parser.add_argument("--error", type=float, default=0.2)
    flags = parser.parse_args()
    rng = np.random.default_rng(0)
    text = synthetic_emission(texts(flags.text, 3)[0], flags.error, rng).log_probs
    with tempfile.TemporaryDirectory() as made:
        model = base_model(Path(made) / "model")
        songs = [Path(made) / f"{number}.wav" for number in range(flags.songs)]
        for song in songs:
            soundfile.write(song, rng.normal(0, 0.1, round(flags.minutes * 60 * 16_000)), 16_000)
        pipeline = load_pipeline(PipelineConfig(separator="none", model=str(model), offline=True))
        vocabulary = pipeline.recognizer.vocabulary
        for search in ("lexicon", "prefix"):
            config = DecodeConfig(100, flags.lm, search=search)
            seconds, words = [], []
            for make in (make_decoder, SearchProcess):
                recognizer = Simulated(pipeline.recognizer, text)
                stages = replace(pipeline, recognizer=recognizer, decoder=make(vocabulary, config))
                began = time.perf_counter()
                words.append([stages.transcribe(song).words for song in songs])
                seconds.append(time.perf_counter() - began)
            assert words[0] == words[1]
            cores = recognizer.cpu_s / recognizer.wall_s
            print(
                f"{search:8} same process {seconds[0]:6.1f} s, separate process {seconds[1]:6.1f} s: {seconds[0] / seconds[1]:.2f} x; recognition {recognizer.wall_s:.1f} s on {cores:.2f} cores"
            )


if __name__ == "__main__":
    main()
