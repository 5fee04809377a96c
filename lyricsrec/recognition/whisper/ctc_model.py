"""The encoder of Whisper (Radford et al. 2022) as a CTC model that transformers saves and loads.

A small CTC head is trained on top of the pretrained encoder. Importing this module registers the architecture with
`AutoModelForCTC`.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCTC, PreTrainedConfig, PreTrainedModel, WhisperConfig
from transformers.audio_utils import mel_filter_bank
from transformers.modeling_outputs import CausalLMOutput
from transformers.models.wav2vec2.modeling_wav2vec2 import _compute_mask_indices
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from lyricsrec.recognition.whisper.ctranslate2_file import Weights, as_tensor, read_weights

_RATE = 16_000
_FFT, _HOP = 400, 160


class WhisperCtcConfig(PreTrainedConfig):  # type: ignore[misc]
    """Shapes of the encoder (those of Whisper tiny unless said otherwise) and of the head.

    The head mixes all layers, then has `head_layers` convolutions of `head_kernel` frames and `head_width` channels;
    wider kernels distinguish letters better by their context and blur times. In training, SpecAugment (Park et
    al. 2019) masks a share of the frames or bands of the log-mel spectrogram, in stretches of a given length. Where the
    weights have a head alone, `encoder_from` is the known Whisper model that has the encoder.
    """

    model_type = "lyricsrec_whisper_ctc"

    def __init__(
        self,
        vocab_size: int = 32,
        d_model: int = 384,
        encoder_layers: int = 4,
        encoder_attention_heads: int = 6,
        encoder_ffn_dim: int = 1536,
        num_mel_bins: int = 80,
        max_source_positions: int = 1500,
        head_layers: int = 2,
        head_kernel: int = 5,
        head_width: int = 384,
        head_dropout: float = 0.1,
        mask_time_prob: float = 0.0,
        mask_time_length: int = 10,
        mask_feature_prob: float = 0.0,
        mask_feature_length: int = 8,
        encoder_from: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.vocab_size = vocab_size
        self.d_model = d_model
        self.encoder_layers = encoder_layers
        self.encoder_attention_heads = encoder_attention_heads
        self.encoder_ffn_dim = encoder_ffn_dim
        self.num_mel_bins = num_mel_bins
        self.max_source_positions = max_source_positions
        self.head_layers = head_layers
        self.head_kernel = head_kernel
        self.head_width = head_width
        self.head_dropout = head_dropout
        self.mask_time_prob = mask_time_prob
        self.mask_time_length = mask_time_length
        self.mask_feature_prob = mask_feature_prob
        self.mask_feature_length = mask_feature_length
        self.encoder_from = encoder_from

    @property
    def inputs_to_logits_ratio(self) -> int:
        """Samples per frame."""
        return 2 * _HOP

    def whisper(self) -> WhisperConfig:
        """The encoder's own configuration."""
        return WhisperConfig(
            d_model=self.d_model,
            encoder_layers=self.encoder_layers,
            encoder_attention_heads=self.encoder_attention_heads,
            encoder_ffn_dim=self.encoder_ffn_dim,
            num_mel_bins=self.num_mel_bins,
            max_source_positions=self.max_source_positions,
            attn_implementation="sdpa",
        )


class WhisperForCTC(PreTrainedModel):  # type: ignore[misc]
    """Whisper's encoder with a CTC head: 50 frames a second, for waveforms of up to 30 s at 16 kHz."""

    config_class = WhisperCtcConfig
    base_model_prefix = "encoder"
    main_input_name = "input_values"
    supports_gradient_checkpointing = True

    def __init__(self, config: WhisperCtcConfig) -> None:
        super().__init__(config)
        self.encoder = WhisperEncoder(config.whisper())
        # Layers are normalised one by one instead.
        self.encoder.layer_norm = nn.Identity()
        width = config.head_width
        self.layer_mix = nn.Linear((config.encoder_layers + 1) * config.d_model, config.d_model)
        # At first it passes on the output of the last layer.
        nn.init.zeros_(self.layer_mix.weight)
        nn.init.eye_(self.layer_mix.weight[:, -config.d_model :])
        sizes = [config.d_model] + [width] * config.head_layers
        self.head = nn.Sequential(
            *(
                nn.Sequential(
                    nn.Conv1d(before, after, config.head_kernel, padding=config.head_kernel // 2),
                    nn.GELU(),
                    nn.Dropout(config.head_dropout),
                )
                for before, after in itertools.pairwise(sizes)
            )
        )
        self.lm_head = nn.Linear(sizes[-1], config.vocab_size)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Keep torch's initial values."""

    def forward(self, input_values: Tensor, attention_mask: Tensor | None = None, **_: Any) -> CausalLMOutput:
        """Logits (batch, frames, symbols) of waveforms (batch, samples); `attention_mask` is 0 in the padding.

        Raises ValueError for waveforms that are too long.
        """
        if input_values.shape[-1] // _HOP > 2 * self.config.max_source_positions:
            longest_s, given_s = 2 * self.config.max_source_positions * _HOP / _RATE, input_values.shape[-1] / _RATE
            raise ValueError(f"the encoder takes up to {longest_s:g} s, not {given_s:.2f} s")
        whole = torch.full((len(input_values),), input_values.shape[-1], device=input_values.device)
        num_samples = whole if attention_mask is None else attention_mask.sum(dim=-1)
        mel = self._masked(log_mel(input_values, num_samples, self.config.num_mel_bins), num_samples // _HOP)
        hidden = nn.functional.gelu(self.encoder.conv1(mel.to(self.encoder.conv1.weight.dtype)))
        hidden = hidden * _up_to(num_samples // _HOP, hidden.shape[-1])[:, None]
        hidden = nn.functional.gelu(self.encoder.conv2(hidden)).transpose(1, 2)
        inside = _up_to(self._get_feat_extract_output_lengths(num_samples), hidden.shape[1])
        hidden = self._mixed_layers(hidden + self.encoder.embed_positions.weight[: hidden.shape[1]], inside)
        for layer in self.head:
            hidden = layer((hidden * inside[..., None]).transpose(1, 2)).transpose(1, 2)
        return CausalLMOutput(logits=self.lm_head(hidden))

    def _mixed_layers(self, hidden: Tensor, inside: Tensor) -> Tensor:
        """The input and the outputs of all layers, each normalised, mixed linearly into one."""
        attended = None if bool(inside.all()) else inside[:, None, None, :].expand(-1, 1, hidden.shape[1], -1)
        width = (self.config.d_model,)
        states = [nn.functional.layer_norm(hidden, width)]
        for layer in self.encoder.layers:
            hidden = layer(hidden, attended)
            states.append(nn.functional.layer_norm(hidden, width))
        mixed: Tensor = self.layer_mix(torch.cat(states, dim=-1))
        return mixed

    def _get_feat_extract_output_lengths(self, num_samples: Tensor) -> Tensor:
        return (num_samples // _HOP + 1) // 2

    def _masked(self, mel: Tensor, num_frames: Tensor) -> Tensor:
        if not self.training:
            return mel
        batch, bands, frames = mel.shape
        if self.config.mask_time_prob > 0:
            own = _up_to(num_frames, frames).long()
            hidden = _compute_mask_indices(
                (batch, frames), self.config.mask_time_prob, self.config.mask_time_length, own
            )
            mel = mel.masked_fill(torch.from_numpy(hidden).to(mel.device)[:, None], 0.0)
        if self.config.mask_feature_prob > 0:
            hidden = _compute_mask_indices(
                (batch, bands), self.config.mask_feature_prob, self.config.mask_feature_length
            )
            mel = mel.masked_fill(torch.from_numpy(hidden).to(mel.device)[:, :, None], 0.0)
        return mel


def log_mel(waveform: Tensor, num_samples: Tensor, num_bands: int) -> Tensor:
    """Whisper's features (batch, bands, frames), 100 frames a second, of waveforms (batch, samples) at 16 kHz.

    Each is scaled relative to its maximum, as in OpenAI's code; padding after `num_samples` (batch,) is 0.
    """
    with torch.autocast(waveform.device.type, enabled=False):
        window = torch.hann_window(_FFT, device=waveform.device)
        # Silence follows, as in the windows of 30 s that Whisper was trained on.
        padded = nn.functional.pad(waveform.float()[:, None], (_FFT // 2, 0), mode="reflect")[:, 0]
        padded = nn.functional.pad(padded, (0, _FFT // 2))
        filters = torch.from_numpy(_filters(num_bands)).to(waveform.device)
        mel = (filters @ _power(padded, window)).clamp(min=1e-10).log10()
        inside = _up_to(num_samples // _HOP, mel.shape[-1])[:, None]
        loudest = mel.masked_fill(~inside, -10.0).amax(dim=(1, 2), keepdim=True)
        features: Tensor = (torch.maximum(mel, loudest - 8.0) + 4.0) / 4.0
        return features * inside


def _power(waveform: Tensor, window: Tensor) -> Tensor:
    """The power spectra (batch, bins, frames) of waveforms, without the last frame."""
    if torch.onnx.is_in_onnx_export():
        # Without complex numbers, which ONNX lacks; rounded a little differently.
        parts = torch.stft(waveform, _FFT, _HOP, window=window, center=False, return_complex=False)
        return parts[..., :-1, :].square().sum(dim=-1)
    spectrum = torch.stft(waveform, _FFT, _HOP, window=window, center=False, return_complex=True)
    return spectrum[..., :-1].abs().square()


def _filters(num_bands: int) -> Any:
    return mel_filter_bank(_FFT // 2 + 1, num_bands, 0.0, _RATE / 2, _RATE, norm="slaney", mel_scale="slaney").T.astype(
        "float32"
    )


def _up_to(lengths: Tensor, longest: int) -> Tensor:
    return torch.arange(longest, device=lengths.device)[None] < lengths[:, None]


def from_ctranslate2(folder: Path, vocab_size: int, **head: Any) -> WhisperForCTC:
    """The encoder of a CTranslate2 Whisper folder under a new head; `head` are fields of the configuration.

    Raises ValueError for a file in another format, OSError when it cannot be read.
    """
    weights = read_weights(folder / "model.bin", "encoder/")
    conv = weights["encoder/conv1/weight"]
    config = WhisperCtcConfig(
        vocab_size=vocab_size,
        d_model=int(conv.shape[0]),
        num_mel_bins=int(conv.shape[1]),
        encoder_layers=sum(name.endswith("/ffn/linear_0/weight") for name in weights),
        encoder_attention_heads=int(conv.shape[0]) // 64,
        encoder_ffn_dim=int(weights["encoder/layer_0/ffn/linear_0/weight"].shape[0]),
        max_source_positions=int(weights["encoder/position_encodings/encodings"].shape[0]),
        **head,
    )
    model = WhisperForCTC(config)
    model.encoder.load_state_dict(_encoder_state(weights, config.encoder_layers))
    return model


def load_encoder(model: WhisperForCTC, folder: Path) -> None:
    """Take the encoder's weights from a CTranslate2 Whisper folder. Raises as `from_ctranslate2` does."""
    weights = read_weights(folder / "model.bin", "encoder/")
    model.encoder.load_state_dict(_encoder_state(weights, model.config.encoder_layers))


def _encoder_state(weights: Weights, num_layers: int) -> dict[str, Tensor]:
    """The encoder's weights under transformers' names; queries, keys and values are stacked in the file."""
    state: dict[str, Tensor] = {"embed_positions.weight": as_tensor("encoder/position_encodings/encodings", weights)}

    def take(source: str, target: str) -> None:
        for kind, name in (("weight", "weight"), ("bias", "bias"), ("gamma", "weight"), ("beta", "bias")):
            if f"encoder/{source}/{kind}" in weights:
                state[f"{target}.{name}"] = as_tensor(f"encoder/{source}/{kind}", weights)

    take("conv1", "conv1")
    take("conv2", "conv2")
    for i in range(num_layers):
        ours, theirs = f"layers.{i}", f"layer_{i}"
        take(f"{theirs}/self_attention/layer_norm", f"{ours}.self_attn_layer_norm")
        take(f"{theirs}/self_attention/linear_1", f"{ours}.self_attn.out_proj")
        take(f"{theirs}/ffn/layer_norm", f"{ours}.final_layer_norm")
        take(f"{theirs}/ffn/linear_0", f"{ours}.fc1")
        take(f"{theirs}/ffn/linear_1", f"{ours}.fc2")
        for kind in ("weight", "bias"):
            stacked = as_tensor(f"encoder/{theirs}/self_attention/linear_0/{kind}", weights)
            for part, values in zip(("q", "k", "v"), stacked.chunk(3), strict=True):
                if (part, kind) != ("k", "bias"):
                    state[f"{ours}.self_attn.{part}_proj.{kind}"] = values.clone()
    return state


AutoConfig.register(WhisperCtcConfig.model_type, WhisperCtcConfig, exist_ok=True)
AutoModelForCTC.register(WhisperCtcConfig, WhisperForCTC, exist_ok=True)
