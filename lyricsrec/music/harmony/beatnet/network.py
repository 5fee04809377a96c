"""The network of Foscarin, Schlüter and Widmer, "Beat This! Accurate beat tracking without DBN postprocessing"

(ISMIR 2024, https://arxiv.org/abs/2407.21658): convolutions with attention over frequency and over time, and a
transformer over time. The names of its weights are those of the checkpoints of its authors.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

_BLOCKS = 3


@dataclass(frozen=True, kw_only=True)
class BeatNetSize:
    """What a checkpoint says of its network; the defaults are those of the large one."""

    spect_dim: int = 128
    transformer_dim: int = 512
    ff_mult: int = 4
    n_layers: int = 6
    head_dim: int = 32
    stem_dim: int = 32
    sum_head: bool = True
    partial_transformers: bool = True


class BeatNet(nn.Module):
    """Log-odds (batch, frames) that there is a beat, from log-mel spectra (batch, frames, bands)."""

    def __init__(self, size: BeatNetSize) -> None:
        super().__init__()
        self.sums = size.sum_head
        width, bands = size.stem_dim, size.spect_dim // 4
        blocks = []
        for _ in range(_BLOCKS):
            blocks.append(_block(width, size))
            width, bands = 2 * width, bands // 2
        linear = nn.Linear(width * bands, size.transformer_dim)
        stem = Stem(size.spect_dim, size.stem_dim)
        self.frontend = nn.ModuleDict(OrderedDict(stem=stem, blocks=nn.Sequential(*blocks), linear=linear))
        self.transformer_blocks = Transformer(size)
        self.task_heads = nn.ModuleDict({"beat_downbeat_lin": nn.Linear(size.transformer_dim, 2)})

    def forward(self, spectra: Tensor) -> Tensor:
        """See the class."""
        hidden = self.frontend["blocks"](self.frontend["stem"](spectra))
        hidden = self.frontend["linear"](hidden.permute(0, 3, 1, 2).flatten(2))
        scores: Tensor = self.task_heads["beat_downbeat_lin"](self.transformer_blocks(hidden))
        # The first beats of bars are beats, too.
        return scores.sum(dim=-1) if self.sums else scores[..., 0]


class Stem(nn.Module):
    """(batch, frames, bands) to (batch, channels, bands / 4, frames)."""

    def __init__(self, bands: int, channels: int) -> None:
        super().__init__()
        self.bn1d = nn.BatchNorm1d(bands)
        self.conv2d = nn.Conv2d(1, channels, (4, 3), stride=(4, 1), padding=(0, 1), bias=False)
        self.bn2d = nn.BatchNorm2d(channels)

    def forward(self, spectra: Tensor) -> Tensor:
        """See the class."""
        return functional.gelu(self.bn2d(self.conv2d(self.bn1d(spectra.transpose(1, 2))[:, None])))


def _block(width: int, size: BeatNetSize) -> nn.Sequential:
    """Attention over both axes, and a convolution to twice the channels and half the frequencies."""
    partial: nn.Module = Partial(width, size.head_dim) if size.partial_transformers else nn.Identity()
    conv = nn.Conv2d(width, 2 * width, (2, 3), stride=(2, 1), padding=(0, 1), bias=False)
    parts: OrderedDict[str, nn.Module] = OrderedDict(
        partial=partial, conv2d=conv, norm=nn.BatchNorm2d(2 * width), activation=nn.GELU()
    )
    return nn.Sequential(parts)


class Partial(nn.Module):
    """Attention over frequencies, then over time, of (batch, channels, frequencies, frames)."""

    def __init__(self, width: int, head: int) -> None:
        super().__init__()
        self.attnF, self.ffF = Attention(width, width // head, head), FeedForward(width, 4)
        self.attnT, self.ffT = Attention(width, width // head, head), FeedForward(width, 4)

    def forward(self, hidden: Tensor) -> Tensor:
        """See the class."""
        batch = len(hidden)
        hidden = hidden.permute(0, 3, 2, 1).flatten(0, 1)
        hidden = hidden + self.attnF(hidden)
        hidden = (hidden + self.ffF(hidden)).unflatten(0, (batch, -1)).transpose(1, 2).flatten(0, 1)
        hidden = hidden + self.attnT(hidden)
        hidden = hidden + self.ffT(hidden)
        return torch.unflatten(hidden, 0, (batch, -1)).permute(0, 3, 1, 2)


class Transformer(nn.Module):
    """Layers of attention over time, each with a feed-forward network."""

    def __init__(self, size: BeatNetSize) -> None:
        super().__init__()
        width, heads = size.transformer_dim, size.transformer_dim // size.head_dim
        self.layers = nn.ModuleList(
            nn.ModuleList([Attention(width, heads, size.head_dim), FeedForward(width, size.ff_mult)])
            for _ in range(size.n_layers)
        )
        self.norm = Norm(width)

    def forward(self, hidden: Tensor) -> Tensor:
        """See the class."""
        for layer in self.layers:
            attention, feed_forward = layer.children()
            hidden = attention(hidden) + hidden
            hidden = feed_forward(hidden) + hidden
        normed: Tensor = self.norm(hidden)
        return normed


class Norm(nn.Module):
    """Each vector scaled to a mean square of 1, with a gain for each channel."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, hidden: Tensor) -> Tensor:
        """See the class."""
        normed: Tensor = functional.normalize(hidden, dim=-1) * hidden.shape[-1] ** 0.5 * self.gamma
        return normed


class FeedForward(nn.Module):
    """A norm and two linear layers."""

    def __init__(self, width: int, factor: int) -> None:
        super().__init__()
        layers = [Norm(width), nn.Linear(width, factor * width), nn.GELU(), nn.Identity()]
        self.net = nn.Sequential(*layers, nn.Linear(factor * width, width))

    def forward(self, hidden: Tensor) -> Tensor:
        """See the class."""
        changed: Tensor = self.net(hidden)
        return changed


class Attention(nn.Module):
    """Gated attention with rotated positions (batch, length, channels)."""

    def __init__(self, width: int, heads: int, head: int) -> None:
        super().__init__()
        self.heads = heads
        self.rotary_embed = Rotation(head)
        self.norm = Norm(width)
        self.to_qkv = nn.Linear(width, 3 * heads * head, bias=False)
        self.to_gates = nn.Linear(width, heads)
        self.to_out = nn.Sequential(nn.Linear(heads * head, width, bias=False))

    def forward(self, hidden: Tensor) -> Tensor:
        """See the class."""
        hidden = self.norm(hidden)
        query, key, value = self.to_qkv(hidden).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(self.rotary_embed(query), self.rotary_embed(key), value)
        gates = self.to_gates(hidden).transpose(1, 2)[..., None].sigmoid()
        out: Tensor = self.to_out((seen * gates).transpose(1, 2).flatten(2))
        return out


class Rotation(nn.Module):
    """Rotates pairs of neighbouring channels (..., length, channels) by their position."""

    freqs: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("freqs", 10_000.0 ** (-torch.arange(0, width, 2) / width))

    def forward(self, hidden: Tensor) -> Tensor:
        """See the class."""
        angles = torch.arange(hidden.shape[-2], device=hidden.device)[:, None] * self.freqs
        even, odd = hidden[..., ::2], hidden[..., 1::2]
        cosine, sine = angles.cos(), angles.sin()
        return torch.stack((even * cosine - odd * sine, odd * cosine + even * sine), dim=-1).flatten(-2)
