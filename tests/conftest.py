"""Small models and songs that the tests make themselves, and the command line in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from lyricsrec.dataset.audio_files import AudioIndex
from lyricsrec.dataset.preparation.prepare import prepare
from lyricsrec.dataset.preparation.settings import DatasetConfig, SplitConfig
from lyricsrec.dataset.sources.base import DaliSource
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.formats.annotation import Annotation
from lyricsrec.formats.dali.export import to_dali, write_entry
from lyricsrec.lyrics.transcript import Line, Word

if TYPE_CHECKING:
    from accelerate import Accelerator

    from lyricsrec.recognition.whisper.ctc_model import WhisperForCTC

EXAMPLES = Path(__file__).parent.parent / "examples"
DATA = Path(__file__).parent / "data"
LETTERS = ["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAONIHSRDLUMWCFGYPBVK'XJQZ"]
SPELLED = Vocabulary(("-", "|", "'", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ"), blank=0, space=1)


@pytest.fixture
def cli(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Runs `lyricsrec` in a process of its own, with an empty model cache and no terminal."""

    def run(*arguments: str | Path, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "lyricsrec", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            check=False,
            timeout=300,
            cwd=tmp_path,
            env={
                **os.environ,
                "HF_HOME": str(tmp_path / "hub"),
                "XDG_CACHE_HOME": str(tmp_path / "cache"),
                "HF_HUB_OFFLINE": "1",
                "PYTHONPATH": str(EXAMPLES.parent),
                **environment,
            },
        )

    return run


@pytest.fixture(scope="session")
def ctc_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Wav2Vec2 CTC checkpoint with random weights and a real tokenizer, as transformers saves it."""
    return make_ctc_folder(tmp_path_factory.mktemp("ctc"), LETTERS)


def make_ctc_folder(
    folder: Path, labels: Sequence[str], num_outputs: int | None = None, *, masks: bool = False
) -> Path:
    """Write a tiny random Wav2Vec2 with this vocabulary; with `masks`, one of those that take an attention mask."""
    import torch
    from transformers import Wav2Vec2Config, Wav2Vec2CTCTokenizer, Wav2Vec2FeatureExtractor, Wav2Vec2ForCTC

    (folder / "vocab.json").write_text(json.dumps({label: i for i, label in enumerate(labels)}))
    tokenizer = Wav2Vec2CTCTokenizer(str(folder / "vocab.json"), pad_token="<pad>", word_delimiter_token="|")
    torch.manual_seed(0)
    config = Wav2Vec2Config(
        vocab_size=num_outputs or len(labels),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        conv_dim=(8,) * 7,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
        pad_token_id=labels.index("<pad>"),
        feat_extract_norm="layer" if masks else "group",
        do_stable_layer_norm=masks,
    )
    Wav2Vec2ForCTC(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=masks).save_pretrained(folder)
    return folder


def make_whisper_ctc_folder(folder: Path, head_width: int = 16, dropout: float = 0.0) -> Path:
    """Write a tiny Whisper encoder with a CTC head, random weights and a tokenizer."""
    from transformers import Wav2Vec2CTCTokenizer, Wav2Vec2FeatureExtractor

    folder.mkdir(parents=True, exist_ok=True)
    labels = ["<pad>", "<unk>", "|", "'", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    (folder / "vocab.json").write_text(json.dumps({label: i for i, label in enumerate(labels)}))
    Wav2Vec2CTCTokenizer(
        str(folder / "vocab.json"), bos_token=None, eos_token=None, pad_token="<pad>", word_delimiter_token="|"
    ).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=False, return_attention_mask=True).save_pretrained(folder)
    shape = {"vocab_size": len(labels), "d_model": 32, "head_width": head_width, "head_dropout": dropout}
    tiny_whisper_ctc(**shape).save_pretrained(folder)
    return folder


def tiny_whisper_ctc(**changes: object) -> WhisperForCTC:
    """A Whisper encoder with a CTC head small enough to run in a test, with random weights, in evaluation mode."""
    import torch

    from lyricsrec.recognition.whisper.ctc_model import WhisperCtcConfig, WhisperForCTC

    torch.manual_seed(0)
    shape = {
        "vocab_size": len(LETTERS),
        "d_model": 16,
        "encoder_layers": 2,
        "encoder_attention_heads": 2,
        "encoder_ffn_dim": 32,
        "head_width": 16,
        "pad_token_id": 0,
    }
    return WhisperForCTC(WhisperCtcConfig(**shape | changes)).eval()


def save_separator(folder: Path) -> Path:
    """Write a tiny separator as training does; returns its folder."""
    from lyricsrec.separation.demucs import save_vocal_net
    from lyricsrec.separation.vocal_net import VocalNet

    folder.mkdir(parents=True)
    save_vocal_net(VocalNet([tiny_htdemucs()], [1.0]), folder)
    return folder


def tiny_htdemucs(segment: float = 2) -> object:
    """An HTDemucs small enough to run in a test, with random weights and windows of `segment` seconds."""
    import torch
    from demucs.htdemucs import HTDemucs

    torch.manual_seed(0)
    return HTDemucs(
        sources=["drums", "bass", "other", "vocals"],
        channels=8,
        growth=2,
        nfft=512,
        depth=3,
        t_layers=1,
        t_hidden_scale=1.0,
        t_heads=2,
        bottom_channels=8,
        segment=segment,
        samplerate=44_100,
    )


def save_demucs(hub: Path, klass: str = "demucs.htdemucs.HTDemucs") -> Path:
    """Put a tiny HTDemucs where the hub's cache keeps the one called htdemucs; returns its folder."""
    from safetensors.torch import save_file

    model = tiny_htdemucs()
    args, kwargs = model._init_args_kwargs  # type: ignore[attr-defined]
    repo = hub / "hub" / "models--adefossez--HTDemucs"
    folder = repo / "snapshots" / "0123456789abcdef0123456789abcdef01234567"
    folder.mkdir(parents=True)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(folder.name)
    metadata = {"klass": klass, "args": json.dumps(args), "kwargs": json.dumps(kwargs)}
    state = {key: value.contiguous() for key, value in model.state_dict().items()}  # type: ignore[attr-defined]
    save_file(state, folder / "tiny.safetensors", metadata)
    (folder / "htdemucs.yaml").write_text("models: ['tiny']\n")
    return folder


@pytest.fixture
def accelerator() -> Iterator[Accelerator]:
    """A training engine on the processor; what it keeps for its whole process is forgotten after the test."""
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    yield Accelerator(cpu=True)
    AcceleratorState._reset_state(reset_partial_state=True)


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Three seconds of a stereo chord."""
    return write_song(tmp_path / "tone.wav", chord(3.0))


def chord(seconds: float, rate: int = 44_100, channels: int = 2) -> np.ndarray:
    """Three sines with a slow swell, (samples, channels)."""
    t = np.arange(round(seconds * rate)) / rate
    wave = sum(np.sin(2 * np.pi * f * t) for f in (220.0, 277.2, 329.6)) * (0.1 + 0.05 * np.sin(2 * np.pi * 0.5 * t))
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def write_song(path: Path, samples: np.ndarray, rate: int = 44_100, subtype: str | None = None) -> Path:
    """Write samples (n, channels) as the file's suffix says."""
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


def make_dali(folder: Path, songs: Sequence[dict[str, object]], seconds: float = 12.0) -> tuple[Path, Path]:
    """DALI entries and sound files; returns their folders.

    Each song says what differs from: id a1, a2 ...; artist and title of its own; english; NCC 0.9; words "one two"
    and "three four", each 0.5 s long, at 1, 2, 8 and 9 s; and a quiet tone for audio (`audio`: False for none, bytes
    for a damaged one).
    """
    annotations, audio = folder / "annotations", folder / "audio"
    annotations.mkdir(parents=True)
    audio.mkdir()
    times = [("one", 1.0, 1.5), ("two", 2.0, 2.5), ("three", 8.0, 8.5), ("four", 9.0, 9.5)]
    for number, song in enumerate(songs, 1):
        song_id = str(song.get("id", f"a{number}"))
        words = [Word(*word) for word in song.get("words", times)]  # type: ignore[attr-defined, misc]
        half = (len(words) + 1) // 2
        annotation = Annotation(
            song_id,
            str(song.get("artist", f"Artist {song_id}")),
            str(song.get("title", f"Title {song_id}")),
            lines=tuple(Line(tuple(part)) for part in (words[:half], words[half:]) if part),
            language=str(song.get("language", "english")),
            ncc=float(song.get("ncc", 0.9)),  # type: ignore[arg-type]
        )
        write_entry(annotations, to_dali(annotation), "gz" if number % 2 else "json")
        sound = song.get("audio", True)
        if isinstance(sound, bytes):
            (audio / f"{song_id}.wav").write_bytes(sound)
        elif sound:
            write_song(audio / f"{song_id}.wav", chord(seconds, 8000), 8000)
    return annotations, audio


def make_data(
    folder: Path, songs: Sequence[dict[str, object]], split: SplitConfig | None = None, *, extract: bool = False
) -> Path:
    """A data set of songs as `make_dali` makes them, two chunks of 1.9 s each; returns its folder.

    All in the training split unless `split` says otherwise.
    """
    annotations, audio = make_dali(folder, songs)
    split = split or SplitConfig("random", ratios=(1.0, 0.0, 0.0))
    config = DatasetConfig(split=split, extract=extract)
    prepare(DaliSource.open(annotations, AudioIndex(audio), {}), folder / "data", config, workers=1)
    return folder / "data"


def make_jamendo(folder: Path, times: str = "1.0,1.5,nan\n1.5,2.0,2.1\n3.0,3.5,3.5\n") -> Path:
    """A data set of one song, laid out as the real one."""
    for name in ("lyrics", "annotations/words", "mp3"):
        (folder / name).mkdir(parents=True)
    (folder / "JamendoLyrics.csv").write_text(
        "URL,Filepath,Artist,Title,Genre,LicenseType,Language,LyricOverlap,Polyphonic,NonLexical\n"
        "https://example.org,Süß_-_Lied.mp3,Süß,Ein Lied,Pop,BY,German,false,false,false\n",
        encoding="utf-8",
    )
    (folder / "lyrics" / "Süß_-_Lied.words.txt").write_text("so\nsüß\nbist\n", encoding="utf-8")
    (folder / "annotations" / "words" / "Süß_-_Lied.csv").write_text("word_start,word_end,line_end\n" + times)
    return folder


def sing(sung: Sequence[tuple[float, str]], seconds: float, certainty: float = 0.9) -> Emission:
    """Log-probabilities of texts from given times on: a letter two frames, a pause three; blank elsewhere."""
    labels, frame_s = SPELLED.labels, 0.02
    heard = np.zeros(round(seconds / frame_s), np.intp)
    for start_s, text in sung:
        for i, letter in enumerate(text.upper().replace(" ", "|")):
            first = round(start_s / frame_s) + 5 * i
            heard[first : first + 2] = labels.index(letter)
    probs = np.full((len(heard), len(labels)), (1 - certainty) / (len(labels) - 1))
    probs[np.arange(len(heard)), heard] = certainty
    return Emission(np.log(probs).astype(np.float32), frame_s, 0.0, vocabulary=SPELLED)
