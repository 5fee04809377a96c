"""The 2-stems model of Spleeter (Hennequin et al., JOSS 2020; U-Net of Jansson et al., ISMIR 2017) in PyTorch.

Two U-Nets estimate the magnitudes of vocals and accompaniment from the magnitudes of the mix; the ratio of their
powers is the mask of each.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

FRAME, HOP = 4096, 1024
NUM_BINS = 1024
"""The networks see this many of the lowest bins: up to 11 kHz."""
GRID = 64
"""Frames by which an input may be shifted without changing what the networks see: six layers of stride 2."""
WIDTHS = (16, 32, 64, 128, 256, 512)
"""Channels of the convolutions of the original."""
_NORM_EPSILON, MASK_EPSILON = 1e-3, 1e-10
_STRIDE_PADDING, MASK_PADDING = (1, 2, 1, 2), 3


class SpleeterNet(nn.Module):
    """Masks of vocals and accompaniment for magnitudes of a mix; `widths` are the channels of the six convolutions."""

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.widths = tuple(widths)
        self.vocals = UNet(widths)
        self.accompaniment = UNet(widths)

    def forward(self, magnitudes: Tensor) -> Tensor:
        """The mask of the vocals, between 0 and 1; the rest is that of the accompaniment.

        `magnitudes` and mask have the shape (batch, channels, frames, bins): 2 channels, a multiple of `GRID` frames,
        `NUM_BINS` bins.
        """
        vocals = self.vocals(magnitudes).float().square()
        total = vocals + self.accompaniment(magnitudes).float().square()
        mask: Tensor = (vocals + MASK_EPSILON / 2) / (total + MASK_EPSILON)
        return mask


class UNet(nn.Module):
    """Magnitudes of a mix (batch, 2, frames, bins) to those of one stem.

    Skip connections carry the outputs of the convolutions before normalisation, as in the original.
    """

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        inputs = (2, *widths[:-1])
        self.down = nn.ModuleList(nn.Conv2d(i, o, 5, stride=2) for i, o in zip(inputs, widths, strict=True))
        self.down_norm = nn.ModuleList(Affine(width) for width in widths[:-1])
        below = (widths[-1], *(2 * width for width in reversed(widths[:-1])))
        above = (*reversed(widths[:-1]), 1)
        self.up = nn.ModuleList(nn.ConvTranspose2d(i, o, 5, stride=2) for i, o in zip(below, above, strict=True))
        self.up_norm = nn.ModuleList(Affine(width) for width in above)
        self.mask = nn.Conv2d(1, 2, 4, dilation=2, padding=MASK_PADDING)

    def forward(self, magnitudes: Tensor) -> Tensor:
        """Magnitudes of the stem, of the same shape."""
        skips: list[Tensor] = []
        hidden = magnitudes
        for i, layer in enumerate(self.down):
            if i:
                hidden = nn.functional.leaky_relu(self.down_norm[i - 1](hidden), 0.2)
            hidden = layer(nn.functional.pad(hidden, _STRIDE_PADDING))
            skips.append(hidden)
        skips.pop()
        for layer, norm in zip(self.up, self.up_norm, strict=True):
            # "Same" padding of a strided layer: one row and column before, two after.
            hidden = norm(torch.relu(layer(hidden)[..., 1:-2, 1:-2]))
            if skips:
                hidden = torch.cat([skips.pop(), hidden], dim=1)
        return magnitudes * torch.sigmoid(self.mask(hidden))


class Affine(nn.Module):
    """Batch normalisation with its statistics folded into one scale and one shift for each channel."""

    def __init__(self, num_channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(num_channels))
        self.shift = nn.Parameter(torch.zeros(num_channels))

    def forward(self, values: Tensor) -> Tensor:
        """Scaled and shifted values (batch, channels, frames, bins)."""
        return torch.addcmul(self.shift[:, None, None], values, self.scale[:, None, None])


def fold(gamma: Tensor, beta: Tensor, mean: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
    """Scale and shift of a batch normalisation with these parameters and statistics."""
    scale = gamma / torch.sqrt(variance + _NORM_EPSILON)
    return scale, beta - mean * scale
