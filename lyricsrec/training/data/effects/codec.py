"""Sound as lossy codecs leave it: encoded and decoded in memory, at the same times and of the same length."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from lyricsrec.audio.resample import resample


@dataclass(frozen=True)
class Codec:
    """An encoder of ffmpeg, the container that states its delay, and the sample rate in Hz it is used at."""

    encoder: str
    container: str
    rate: int


CODECS: Mapping[str, Codec] = {
    "mp3": Codec("libmp3lame", "mp3", 44_100),
    "aac": Codec("aac", "mp4", 44_100),
    "opus": Codec("libopus", "ogg", 48_000),
}
"""The codecs by name."""

_AFTER = 4096


def through_codec(audio: Tensor, sample_rate: int, codec: Codec, kbit_s: float) -> Tensor:
    """Audio (channels, samples) encoded with `kbit_s` kilobits a second and decoded again.

    What encoder and decoder add at the start is removed, so that times stay; length and sample rate stay, too.
    """
    # Encoders cut the last frames of some sounds, hence silence after it.
    sound = torch.nn.functional.pad(resample(audio, sample_rate, codec.rate), (0, _AFTER))
    decoded = _decoded(_encoded(sound, codec, kbit_s), audio.shape[0])
    back = resample(decoded, codec.rate, sample_rate)[:, : audio.shape[1]]
    return torch.nn.functional.pad(back, (0, audio.shape[1] - back.shape[1]))


def _encoded(sound: Tensor, codec: Codec, kbit_s: float) -> bytes:
    import av

    layout = "mono" if sound.shape[0] == 1 else "stereo"
    made = io.BytesIO()
    with av.open(made, "w", format=codec.container) as file:
        stream = file.add_stream(codec.encoder, rate=codec.rate)
        stream.layout, stream.bit_rate = layout, round(1000 * kbit_s)
        frame = av.AudioFrame.from_ndarray(sound.contiguous().numpy(), format="fltp", layout=layout)
        frame.sample_rate, frame.pts = codec.rate, 0
        stream.codec_context.open()
        resampler = av.AudioResampler(stream.format, layout, codec.rate, stream.frame_size or None)
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return made.getvalue()


def _decoded(data: bytes, channels: int) -> Tensor:
    import av

    with av.open(io.BytesIO(data)) as file:
        resampler = av.AudioResampler("fltp", "mono" if channels == 1 else "stereo")
        parts = [part.to_ndarray() for frame in file.decode(audio=0) for part in resampler.resample(frame)]
    return torch.cat([torch.from_numpy(part) for part in parts], dim=1)
