"""Models small enough to run in a test, with random weights, and files of them as real ones have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lyricsrec.recognition.whisper.ctc_model import WhisperForCTC
    from lyricsrec.separation.spleeter import SpleeterVocals

LETTERS = ["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAONIHSRDLUMWCFGYPBVK'XJQZ"]


def make_ctc_folder(
    folder: Path, labels: Sequence[str], num_outputs: int | None = None, *, masks: bool = False
) -> Path:
    """Write a tiny random Wav2Vec2 with this vocabulary; with `masks`, one of those that take an attention mask."""
    import torch
    from transformers import Wav2Vec2Config, Wav2Vec2CTCTokenizer, Wav2Vec2FeatureExtractor, Wav2Vec2ForCTC

    (folder / "vocab.json").write_text(json.dumps({label: i for i, label in enumerate(labels)}))
    tokenizer = Wav2Vec2CTCTokenizer(str(folder / "vocab.json"), pad_token="<pad>", word_delimiter_token="|")
    torch.manual_seed(0)
    config = Wav2Vec2Config(
        vocab_size=num_outputs or len(labels),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        conv_dim=(8,) * 7,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
        pad_token_id=labels.index("<pad>"),
        feat_extract_norm="layer" if masks else "group",
        do_stable_layer_norm=masks,
    )
    Wav2Vec2ForCTC(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=masks).save_pretrained(folder)
    return folder


FAMILIES = (
    *("wav2vec2", "hubert", "wavlm", "unispeech", "unispeech-sat", "data2vec-audio", "wav2vec2-conformer"),
    *("sew", "sew-d", "wav2vec2-bert"),
)
"""The families of CTC models of transformers that can be trained."""


def tiny_shape(family: str, **changes: object) -> dict[str, object]:
    """The configuration of a tiny CTC model of a family."""
    shape: dict[str, object] = {
        "model_type": family,
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "conv_depthwise_kernel_size": 3,
        "output_hidden_size": 16,
    }
    if family != "wav2vec2-bert":
        shape |= {
            "conv_dim": (8,) * 7,
            "conv_kernel": (10, 3, 3, 3, 3, 2, 2),
            "conv_stride": (5, 2, 2, 2, 2, 2, 2),
            "num_feat_extract_layers": 7,
            "num_conv_pos_embeddings": 16 if family != "data2vec-audio" else 2,
            "num_conv_pos_embedding_groups": 2,
            "conv_pos_kernel_size": 3,
            "squeeze_factor": 2,
            "feat_extract_norm": "group" if family.startswith("sew") else "layer",
            "position_buckets": 16,
            "max_position_embeddings": 64,
        }
    return {**shape, **changes}


def make_family_folder(folder: Path, family: str, **changes: object) -> Path:
    """Write a tiny random CTC model of a family, with its feature extractor, tokenizer and shapes."""
    import torch

    from lyricsrec.training.model.learner import load_learner
    from lyricsrec.training.settings import MaskConfig, ModelConfig

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shape.json").write_text(json.dumps(tiny_shape(family, **changes)))
    torch.manual_seed(0)
    config = ModelConfig(str(folder / "shape.json"), "none", new_head=True, random=True)
    load_learner(config, MaskConfig(time=0.0, bands=0.0)).save(folder)
    return folder


def make_mms_folder(folder: Path, languages: Sequence[str] = ("eng", "deu")) -> Path:
    """Write a tiny multilingual model with adapters and a vocabulary for each language, as MMS has."""
    import torch
    from safetensors.torch import save_file
    from transformers import AutoConfig, Wav2Vec2CTCTokenizer, Wav2Vec2FeatureExtractor, Wav2Vec2ForCTC

    symbols = ["<pad>", "<s>", "</s>", "<unk>", "|", *"abcdefghijklmnopqrstuvwxyz'"]
    vocabulary = {language: {label: i for i, label in enumerate(symbols)} for language in languages}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    tokenizer = Wav2Vec2CTCTokenizer(str(folder / "vocab.json"), target_lang=languages[0])
    shape = tiny_shape("wav2vec2", adapter_attn_dim=4, vocab_size=len(symbols), do_stable_layer_norm=True)
    torch.manual_seed(0)
    model = Wav2Vec2ForCTC(AutoConfig.for_model(str(shape.pop("model_type")), **shape))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=True).save_pretrained(folder)
    for language in languages:
        model.init_adapter_layers()
        own = {name: value.detach().clone() for name, value in model._get_adapters().items()}
        save_file(own, folder / f"adapter.{language}.safetensors", {"format": "pt"})
    return folder


def make_whisper_ctc_folder(folder: Path, head_width: int = 16, dropout: float = 0.0) -> Path:
    """Write a tiny Whisper encoder with a CTC head, random weights and a tokenizer."""
    from transformers import Wav2Vec2CTCTokenizer, Wav2Vec2FeatureExtractor

    folder.mkdir(parents=True, exist_ok=True)
    labels = ["<pad>", "<unk>", "|", "'", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    (folder / "vocab.json").write_text(json.dumps({label: i for i, label in enumerate(labels)}))
    Wav2Vec2CTCTokenizer(
        str(folder / "vocab.json"), bos_token=None, eos_token=None, pad_token="<pad>", word_delimiter_token="|"
    ).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=False, return_attention_mask=True).save_pretrained(folder)
    shape = {"vocab_size": len(labels), "d_model": 32, "head_width": head_width, "head_dropout": dropout}
    tiny_whisper_ctc(**shape).save_pretrained(folder)
    return folder


def tiny_whisper_ctc(**changes: object) -> WhisperForCTC:
    """A Whisper encoder with a CTC head small enough to run in a test, with random weights, in evaluation mode."""
    import torch

    from lyricsrec.recognition.whisper.ctc_model import WhisperCtcConfig, WhisperForCTC

    torch.manual_seed(0)
    shape = {
        "vocab_size": len(LETTERS),
        "d_model": 16,
        "encoder_layers": 2,
        "encoder_attention_heads": 2,
        "encoder_ffn_dim": 32,
        "head_width": 16,
        "pad_token_id": 0,
    }
    return WhisperForCTC(WhisperCtcConfig(**shape | changes)).eval()


def save_separator(folder: Path) -> Path:
    """Write a tiny separator as training does; returns its folder."""
    from lyricsrec.separation.vocal_net import VocalNet

    folder.mkdir(parents=True)
    VocalNet([tiny_htdemucs()], [1.0]).save(folder)
    return folder


def tiny_spleeter() -> SpleeterVocals:
    """A Spleeter small enough to run in a test, with random weights."""
    import torch

    from lyricsrec.separation.spleeter import SpleeterVocals
    from lyricsrec.separation.spleeter_net import SpleeterNet

    torch.manual_seed(0)
    net = SpleeterNet((2, 2, 4, 4, 4, 4))
    with torch.no_grad():
        for name, bias in net.named_parameters():
            if ".up." in name and name.endswith("bias"):
                # Else most of the few channels would never be above zero.
                bias.fill_(0.5)
    return SpleeterVocals(net)


def tiny_htdemucs(segment: float = 2) -> object:
    """An HTDemucs small enough to run in a test, with random weights and windows of `segment` seconds."""
    import torch
    from demucs.htdemucs import HTDemucs

    torch.manual_seed(0)
    return HTDemucs(
        sources=["drums", "bass", "other", "vocals"],
        channels=8,
        growth=2,
        nfft=512,
        depth=3,
        t_layers=1,
        t_hidden_scale=1.0,
        t_heads=2,
        bottom_channels=8,
        segment=segment,
        samplerate=44_100,
    )


def save_demucs(hub: Path, klass: str = "demucs.htdemucs.HTDemucs") -> Path:
    """Put a tiny HTDemucs where the hub's cache keeps the one called htdemucs; returns its folder."""
    from safetensors.torch import save_file

    model = tiny_htdemucs()
    args, kwargs = model._init_args_kwargs  # type: ignore[attr-defined]
    repo = hub / "hub" / "models--adefossez--HTDemucs"
    folder = repo / "snapshots" / "0123456789abcdef0123456789abcdef01234567"
    folder.mkdir(parents=True)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(folder.name)
    metadata = {"klass": klass, "args": json.dumps(args), "kwargs": json.dumps(kwargs)}
    state = {key: value.contiguous() for key, value in model.state_dict().items()}  # type: ignore[attr-defined]
    save_file(state, folder / "tiny.safetensors", metadata)
    (folder / "htdemucs.yaml").write_text("models: ['tiny']\n")
    return folder
