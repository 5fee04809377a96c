import numpy as np
import pytest

from lyricsrec.karaoke.video.planes import lay, layer_of, plain, planes_of, yuv_of


@pytest.mark.parametrize(
    ("colour", "yuv"),
    [((0, 0, 0), (16, 128, 128)), ((255, 255, 255), (235, 128, 128)), ((255, 0, 0), (63, 102, 240))],
)
def test_colours_are_those_of_bt_709(colour: tuple[int, int, int], yuv: tuple[int, int, int]) -> None:
    assert tuple(np.rint(yuv_of(colour)).astype(int)) == yuv


def test_a_picture_is_the_same_there_and_back() -> None:
    image = np.full((4, 6, 3), (200, 30, 90), np.uint8)
    assert np.abs(planes_of(image).rgb().astype(int) - image).max() <= 2
    assert planes_of(image, shade=1.0).rgb().max() <= 1


def test_a_layer_covers_shows_through_and_is_removed() -> None:
    ground = plain(8, 4, (0, 0, 0))
    rgba = np.zeros((2, 4, 4), np.float32)
    rgba[..., :3] = 255
    rgba[:, :2, 3], rgba[:, 2:, 3] = 255, 127.5
    layer = layer_of(rgba, 2, 2)
    picture = ground.copy()
    lay(layer, picture, ground, (2, 2, 6, 4))
    assert picture.y.tolist() == [[16] * 8] * 2 + [[16, 16, 235, 235, 126, 126, 16, 16]] * 2
    lay(None, picture, ground, (2, 2, 6, 4))
    assert (picture.y == 16).all()
    lay(layer, picture, ground, (4, 2, 6, 4))
    assert picture.y[3].tolist() == [16, 16, 16, 16, 126, 126, 16, 16]
