"""Spleeter's networks for separation on a CPU: the masks of `spleeter_net` in less than half of the time.

Transposed convolutions become plain ones, whose output channels are the four phases of a stride of 2; numbers have the
format in which the processor is fast; and what only frames outside the wanted ones need is left out.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from lyricsrec.separation.spleeter_net import GRID, MASK_EPSILON, MASK_PADDING, SpleeterNet, UNet

_ROWS_SEEN = 4
"""What follows an upper layer depends on less than so many of its rows before and after the wanted ones."""


class FastSpleeterNet:
    """The masks of a `SpleeterNet`, computed in the number format `dtype`, without gradients."""

    def __init__(self, net: SpleeterNet, dtype: torch.dtype) -> None:
        self._vocals = _FastUNet(net.vocals, dtype)
        self._accompaniment = _FastUNet(net.accompaniment, dtype)

    def __call__(self, magnitudes: Tensor, first: int, last: int) -> Tensor:
        """The mask of the vocals (batch, channels, last - first, bins) in the frames [first, last) of `magnitudes`."""
        vocals = self._vocals(magnitudes, first, last).square_()
        total = self._accompaniment(magnitudes, first, last).square_().add_(vocals).add_(MASK_EPSILON)
        return vocals.add_(MASK_EPSILON / 2).div_(total)


class _FastUNet:
    """Magnitudes of one stem, like `UNet`. Hidden values have the shape (batch, rows, bins, channels) in memory."""

    def __init__(self, net: UNet, dtype: torch.dtype) -> None:
        def stored(values: Tensor | None) -> Tensor:
            values = cast(Tensor, values).detach().to(dtype)
            return values.contiguous(memory_format=torch.channels_last) if values.dim() == 4 else values

        self._dtype = dtype
        self._down = [(stored(layer.weight), stored(layer.bias)) for layer in net.down]  # type: ignore[arg-type]
        self._up = [(stored(_phases(layer.weight)), stored(layer.bias).repeat(4)) for layer in net.up]  # type: ignore[arg-type]
        self._down_norm = [(stored(norm.scale), stored(norm.shift)) for norm in net.down_norm]  # type: ignore[arg-type]
        self._up_norm = [(stored(norm.scale), stored(norm.shift)) for norm in net.up_norm]  # type: ignore[arg-type]
        self._mask = stored(net.mask.weight), stored(net.mask.bias)

    def __call__(self, magnitudes: Tensor, first: int, last: int) -> Tensor:
        skips = self._lower_half(magnitudes.permute(0, 2, 3, 1))
        hidden, begin = self._upper_half(skips, first, last)
        mask = nn.functional.conv2d(hidden.permute(0, 3, 1, 2), *self._mask, padding=MASK_PADDING, dilation=2)
        wanted = mask[:, :, first - begin : last - begin].float()
        return wanted.sigmoid_().mul_(magnitudes[:, :, first:last])

    def _lower_half(self, hidden: Tensor) -> list[Tensor]:
        """The outputs of the strided convolutions."""
        outputs: list[Tensor] = []
        for i, layer in enumerate(self._down):
            # "Same" padding of a strided layer: one row and column before, two after.
            batch, rows, bins, channels = hidden.shape
            padded = torch.zeros(batch, rows + 3, bins + 3, channels, dtype=self._dtype)
            inside = padded[:, 1:-2, 1:-2]
            if i:
                scale, shift = self._down_norm[i - 1]
                torch.addcmul(shift, hidden, scale, out=inside)
                nn.functional.leaky_relu_(padded, 0.2)
            else:
                inside.copy_(hidden)
            hidden = nn.functional.conv2d(padded.permute(0, 3, 1, 2), *layer, stride=2).permute(0, 2, 3, 1)
            outputs.append(hidden)
        return outputs

    def _upper_half(self, skips: list[Tensor], first: int, last: int) -> tuple[Tensor, int]:
        """The input of the last convolution, in frames around [first, last), and the first of these frames."""
        hidden, begin, stride = skips.pop(), 0, GRID
        num_frames = hidden.shape[1] * GRID
        for layer, norm in zip(self._up, self._up_norm, strict=True):
            above = nn.functional.conv2d(hidden.permute(0, 3, 1, 2), *layer, padding=1).relu_().permute(0, 2, 3, 1)
            stride //= 2
            # Pairs of rows, as each row below became two.
            low = max(first // stride - _ROWS_SEEN, 0) // 2
            high = min(-(-last // stride) + _ROWS_SEEN + 1, num_frames // stride) // 2
            skip = skips.pop()[:, 2 * low : 2 * high] if skips else None
            hidden = _interleaved(above[:, low - begin : high - begin], norm, skip)
            begin = 2 * low
        return hidden, begin


def _interleaved(phases: Tensor, norm: tuple[Tensor, Tensor], skip: Tensor | None) -> Tensor:
    """Rows and bins twice as dense, from channels with four phases; normalised, with the skip's channels in front."""
    batch, rows, bins, channels = phases.shape
    width = channels // 4
    before = 0 if skip is None else skip.shape[-1]
    dense = torch.empty(batch, 2 * rows, 2 * bins, before + width, dtype=phases.dtype)
    if skip is not None:
        dense[..., :before].copy_(skip)
    scale, shift = norm
    target = dense.view(batch, rows, 2, bins, 2, before + width)[..., before:]
    torch.addcmul(shift, phases.view(batch, rows, bins, 2, 2, width).transpose(2, 3), scale, out=target)
    return dense


def _phases(weight: Tensor) -> Tensor:
    """A transposed convolution (inputs, outputs, 5, 5) of stride 2, cropped by one before and two after, made plain.

    Its kernels (4 * outputs, inputs, 3, 3) give the even and odd rows and bins: even ones see the taps 3 and 1 of the
    position before and their own, odd ones the taps 4, 2 and 0 of the position before, their own and the next.
    """
    taps = torch.tensor([[3, 1, 5], [4, 2, 0]])
    padded = nn.functional.pad(weight, (0, 1, 0, 1))
    kernels = [padded[:, :, rows][..., columns].transpose(0, 1) for rows in taps for columns in taps]
    return torch.cat(kernels)
