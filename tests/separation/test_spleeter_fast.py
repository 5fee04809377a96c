"""The fast networks give the masks of the plain ones."""

import pytest
import torch

from lyricsrec.separation.spleeter_fast import FastSpleeterNet
from lyricsrec.separation.spleeter_net import GRID, NUM_BINS, SpleeterNet

WIDTHS = (2, 3, 4, 5, 6, 7)
FRAMES = 10 * GRID


def random_net() -> SpleeterNet:
    torch.manual_seed(0)
    net = SpleeterNet(WIDTHS)
    for name, parameter in net.named_parameters():
        if name.endswith(("scale", "shift")):
            torch.nn.init.normal_(parameter, std=2.0)
    return net


@pytest.mark.parametrize(("first", "last"), [(0, FRAMES), (192, 448), (191, 450), (300, 301), (0, 77), (600, FRAMES)])
def test_masks_of_wanted_frames_are_those_of_the_plain_net(first: int, last: int) -> None:
    net = random_net()
    magnitudes = 5 * torch.rand(1, 2, FRAMES, NUM_BINS)
    with torch.inference_mode():
        expected = net(magnitudes)[:, :, first:last]
        mask = FastSpleeterNet(net, torch.float32)(magnitudes, first, last)
    assert expected.std() > 0.1
    assert (mask - expected).abs().max() < 1e-5


def test_bfloat16_is_near() -> None:
    net = random_net()
    magnitudes = 5 * torch.rand(1, 2, GRID, NUM_BINS)
    with torch.inference_mode():
        expected = net(magnitudes)
        mask = FastSpleeterNet(net, torch.bfloat16)(magnitudes, 0, GRID)
    assert mask.dtype == torch.float32
    assert 0 < (mask - expected).abs().mean() < 0.02
