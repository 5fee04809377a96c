"""The encoder of a Whisper model, and the language of a song that it shows.

CTranslate2 runs it, or torch where that is faster: on processors that multiply bfloat16 numbers. The language is found
once for a song, from the pieces with the loudest vocals.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lyricsrec.audio.audio import Samples
from lyricsrec.base.device import Compute
from lyricsrec.recognition.acoustic import RECOGNIZER_RATE
from lyricsrec.recognition.base import FoundLanguage, Piece
from lyricsrec.recognition.whisper.ctranslate2_file import as_tensor, read_weights

WINDOW_S = 30.0
FRAMES_PER_S = 50
_NUM_PIECES, _NUM_CHECKED = 6, 3
_LEAST = 1e-9

log = logging.getLogger(__name__)


class Encoder:
    """Encodes audio at 16 kHz, and knows the tokenizer and the languages of its model."""

    def __init__(self, folder: Path, compute: Compute) -> None:
        """Load a CTranslate2 folder. Raises RuntimeError, ValueError or OSError for a damaged one."""
        from faster_whisper import WhisperModel

        self.device = "cuda" if compute.device == "cuda" else "cpu"
        self.model: Any = WhisperModel(
            str(folder), device=self.device, compute_type=compute.ctranslate2_type, cpu_threads=torch.get_num_threads()
        )
        in_torch = self.device == "cpu" and compute.convolution_format == "bfloat16"
        self._net = TorchEncoder(folder, torch.bfloat16) if in_torch else None

    @property
    def is_multilingual(self) -> bool:
        """Whether the model knows several languages."""
        return bool(self.model.model.is_multilingual)

    @property
    def languages(self) -> list[str]:
        """Codes of the languages that the model knows."""
        return list(self.model.supported_languages)

    @property
    def only_language(self) -> str | None:
        """The code of the language of an English-only model, None for a multilingual one."""
        return None if self.is_multilingual else "en"

    def encode(self, samples: Samples, seconds: float = WINDOW_S) -> Samples:
        """The encoder's output (1, frames, width) for up to 30 s of audio, padded with silence to `seconds`."""
        samples = np.pad(samples, (0, max(round(WINDOW_S * RECOGNIZER_RATE) - len(samples), 0)))
        num_features = 2 * min(math.ceil(seconds * FRAMES_PER_S), round(WINDOW_S * FRAMES_PER_S))
        features = self.model.feature_extractor(samples, padding=0)[:, :num_features]
        if self._net is not None:
            return self._net(torch.from_numpy(features)[None]).numpy()
        encoded = self.model.encode(np.ascontiguousarray(features, dtype=np.float32))
        return np.array(encoded, dtype=np.float32)

    def language_of(self, encoded: Sequence[Samples]) -> FoundLanguage:
        """The language of pieces that were encoded by a multilingual model."""
        import ctranslate2

        found = []
        for piece in encoded:
            view = ctranslate2.StorageView.from_array(np.ascontiguousarray(piece))
            found.append({token.strip("<|>"): share for token, share in self.model.model.detect_language(view)[0]})
        return most_likely(found)

    def find_language(self, pieces: Sequence[Piece]) -> FoundLanguage:
        """The language of a song, from the mix of fewer pieces: they are encoded for this purpose only."""
        return self.language_of([self.encode(pieces[i].mix.samples[0]) for i in loudest(pieces, _NUM_CHECKED)])


class TorchEncoder:
    """The encoder in torch, with the weights of a CTranslate2 folder; sums and norms in float32."""

    def __init__(self, folder: Path, dtype: torch.dtype) -> None:
        weights = read_weights(folder / "model.bin", "encoder/")
        self._num_heads = int(weights.pop("encoder/num_heads", np.array(0)))
        self._weights = {
            name: as_tensor(name, weights).to(torch.float32 if "norm" in name or "encodings" in name else dtype)
            for name in weights
            if weights[name].ndim and not name.endswith("_scale")
        }
        self._dtype = dtype
        self._num_layers = sum(name.endswith("/ffn/linear_0/weight") for name in self._weights)

    @torch.inference_mode()
    def __call__(self, features: Tensor) -> Tensor:
        """The output (batch, frames, width) in float32 for log-mel features (batch, bands, 2 * frames)."""
        hidden = features.to(self._dtype)
        for name, stride in (("encoder/conv1", 1), ("encoder/conv2", 2)):
            weight, bias = self._weights[name + "/weight"], self._weights[name + "/bias"]
            hidden = functional.gelu(functional.conv1d(hidden, weight, bias, stride=stride, padding=1))
        hidden = hidden.transpose(1, 2).float()
        hidden = hidden + self._weights["encoder/position_encodings/encodings"][: hidden.shape[1]]
        for i in range(self._num_layers):
            name = f"encoder/layer_{i}/"
            hidden = hidden + self._attended(hidden, name + "self_attention/")
            inner = functional.gelu(self._linear(self._norm(hidden, name + "ffn/"), name + "ffn/linear_0"))
            hidden = hidden + self._linear(inner, name + "ffn/linear_1")
        return self._norm(hidden, "encoder/")

    def _attended(self, hidden: Tensor, name: str) -> Tensor:
        width = hidden.shape[-1]
        heads = self._num_heads or width // 64
        stacked = self._linear(self._norm(hidden, name), name + "linear_0")
        query, key, value = (
            part.reshape(*part.shape[:2], heads, -1).transpose(1, 2) for part in stacked.chunk(3, dim=-1)
        )
        attended = functional.scaled_dot_product_attention(query, key, value)
        return self._linear(attended.transpose(1, 2).flatten(2), name + "linear_1")

    def _linear(self, values: Tensor, name: str) -> Tensor:
        return functional.linear(values.to(self._dtype), self._weights[name + "/weight"], self._weights[name + "/bias"])

    def _norm(self, values: Tensor, name: str) -> Tensor:
        gamma, beta = self._weights[name + "layer_norm/gamma"], self._weights[name + "layer_norm/beta"]
        return functional.layer_norm(values, values.shape[-1:], gamma, beta)


def loudest(pieces: Sequence[Piece], num: int = _NUM_PIECES) -> list[int]:
    """The indices of up to `num` pieces with the loudest vocals, in order."""
    loudness = [float(np.square(piece.voice.samples).mean()) if piece.voice.num_samples else 0.0 for piece in pieces]
    return sorted(sorted(range(len(pieces)), key=lambda i: -loudness[i])[:num])


def most_likely(probabilities: Sequence[Mapping[str, float]]) -> FoundLanguage:
    """The language with the highest mean log-probability over the pieces, and its share among all languages.

    The mean is low for a language that is impossible in one piece; the share is low where pieces disagree, as in music
    without singing.
    """
    means = {
        code: float(np.mean([np.log(max(piece[code], _LEAST)) for piece in probabilities])) for code in probabilities[0]
    }
    code = max(means, key=lambda name: means[name])
    share = 1 / sum(float(np.exp(mean - means[code])) for mean in means.values())
    log.debug("language: %s (%.2f)", code, share)
    return FoundLanguage(code, share)
