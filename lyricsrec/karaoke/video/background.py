"""What lies behind the words: a colour, an image, or a video that begins anew when it ends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lyricsrec.base.errors import UsageError
from lyricsrec.base.output import display_name
from lyricsrec.karaoke.styles.style import is_colour, rgb
from lyricsrec.karaoke.video.planes import Planes, plain, planes_of

_OPTIONS = {"protocol_whitelist": "file"}


class Background:
    """A picture that stays."""

    moves = False

    def __init__(self, picture: Planes) -> None:
        self._picture = picture

    def at(self, time_s: float) -> Planes:
        """The picture at a time, which is never before the last one asked for."""
        return self._picture


class MovingBackground(Background):
    """The frames of a video, darkened, again and again."""

    moves = True

    def __init__(self, path: Path, width: int, height: int, *, shade: float) -> None:
        self._path, self._size, self._shade = path, (width, height), np.float32(1 - shade)
        self._offset_s = 0.0
        self._frames = self._decoded()
        self._shown = next(self._frames)
        self._following = next(self._frames, None)
        super().__init__(self._shown[1])

    def at(self, time_s: float) -> Planes:
        """The frame of a time."""
        while self._following is None or self._offset_s + self._following[0] <= time_s:
            if self._following is None:
                step_s = max(self._shown[0], 0.0) + 1 / 25
                self._offset_s += step_s
                self._frames = self._decoded()
                self._following = next(self._frames)
                continue
            self._shown, self._following = self._following, next(self._frames, None)
        return self._shown[1]

    def _decoded(self) -> Iterator[tuple[float, Planes]]:
        import av

        with contextlib.closing(av.open(str(self._path), options=_OPTIONS, metadata_errors="replace")) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            first_s = None
            for frame in container.decode(stream):
                time_s = float(frame.time or 0.0)
                first_s = time_s if first_s is None else first_s
                yield time_s - first_s, self._planes(frame)

    def _planes(self, frame: Any) -> Planes:
        width, height = self._size
        scaled = frame.reformat(width, height, "yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
        y, u, v = (
            np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
            for plane in scaled.planes
        )
        dark = (
            np.rint((part.astype(np.float32) - middle) * self._shade + middle).astype(np.uint8)
            for part, middle in ((y, 16), (u, 128), (v, 128))
        )
        return Planes(*dark)


def load_background(name: str, width: int, height: int, *, shade: float) -> Background:
    """A background of a colour, an image or a video; images fill the picture and are cut. Raises UsageError."""
    path = Path(name)
    if not path.exists() and is_colour(name):
        return Background(plain(width, height, rgb(name)))
    if not path.is_file():
        hint = "Give a colour such as '#102040' or navy, or the file of an image or a video."
        raise UsageError(f"--background {display_name(path)}: neither a colour nor a file", hint)
    image = _image(path, width, height)
    if image is not None:
        return Background(planes_of(image, shade))
    import av

    try:
        return MovingBackground(path, width, height, shade=shade)
    except (av.error.FFmpegError, StopIteration, IndexError, OSError, ValueError):
        hint = "Images are PNG, JPEG, WebP ..., videos what ffmpeg reads."
        raise UsageError(f"--background {display_name(path)}: neither an image nor a video", hint) from None


def _image(path: Path, width: int, height: int) -> Any:
    """An image that fills the picture, (height, width, 3); None if the file is none."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path) as opened:
            turned = ImageOps.exif_transpose(opened).convert("RGB")
            return np.asarray(ImageOps.fit(turned, (width, height), Image.Resampling.LANCZOS))
    except UnidentifiedImageError:
        return None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UsageError(f"--background {display_name(path)}: the image cannot be read ({error})") from None
