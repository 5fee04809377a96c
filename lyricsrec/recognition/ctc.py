"""CTC recognisers of transformers: Wav2Vec2, HuBERT, WavLM, MMS and other models that `AutoModelForCTC` loads."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any

import torch

from lyricsrec.audio.audio import Audio
from lyricsrec.base.device import Compute
from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.base.progress import Report, ignore
from lyricsrec.decoding.emission import WORD_MARK, Emission, Vocabulary
from lyricsrec.decoding.pronunciation import LEXICON, read_lexicon
from lyricsrec.models.catalogue import MODELS
from lyricsrec.models.data_only import check_data_only
from lyricsrec.models.reading import read_object, reading_model
from lyricsrec.models.resolve import LocalModel
from lyricsrec.recognition.acoustic import RECOGNIZER_RATE, CtcNet
from lyricsrec.recognition.base import Piece
from lyricsrec.recognition.filterbank import FilterBank

_WHISPER_CTC = "lyricsrec_whisper_ctc"
_DATA_ONLY = {"local_files_only": True, "trust_remote_code": False}


MODEL_TYPES = (
    *("wav2vec2", "hubert", "wavlm", "unispeech", "unispeech-sat", "data2vec-audio", "wav2vec2-conformer"),
    *("sew", "sew-d", "wav2vec2-bert", "lyricsrec_whisper_ctc"),
)
"""The families of CTC models that can be used and trained, as transformers calls them; the last one is ours."""


class CtcRecognizer:
    """Computes an emission for each piece of audio."""

    longest_s = 30.0

    def __init__(self, name: str, net: CtcNet, vocabulary: Vocabulary, compute: Compute, language: str | None) -> None:
        self.name = name
        self.net = net.eval().to(compute.device)
        self.vocabulary = vocabulary
        self.language = language
        self._compute = compute
        # Whisper's encoder was trained in half precision, and is as good in bfloat16.
        is_whisper = getattr(net.model.config, "model_type", "") == _WHISPER_CTC
        self._dtype = compute.autocast or (compute.convolution_format if is_whisper else "float32")
        self._shortest = _receptive_field(net.model.config)

    def recognize(
        self, pieces: Sequence[Piece], report: Report = ignore, *, language: str | None = None
    ) -> Iterator[Emission]:
        """The emission of each piece's voice."""
        for piece in pieces:
            yield self.emission(piece.voice)
            report(piece.voice.end_s)

    @torch.inference_mode()
    def emission(self, piece: Audio) -> Emission:
        """Log-probabilities of a mono piece at 16 kHz."""
        samples = torch.from_numpy(piece.samples)
        if piece.num_samples < self._shortest:
            samples = torch.nn.functional.pad(samples, (0, self._shortest - piece.num_samples))
        halves = self._dtype != "float32"
        dtype = getattr(torch, self._dtype if halves else "bfloat16")
        with torch.autocast(self._compute.device, dtype, enabled=halves):
            log_probs = self.net(samples.to(self._compute.device))[0].float().cpu().numpy()
        return Emission(log_probs, self.net.frames.frame_s, piece.start_s, vocabulary=self.vocabulary)


def _receptive_field(config: Any) -> int:
    """The number of samples that the first convolutions need for one frame."""
    field = 1
    kernels, strides = getattr(config, "conv_kernel", ()), getattr(config, "conv_stride", ())
    for kernel, stride in zip(reversed(kernels), reversed(strides), strict=False):
        field = (field - 1) * stride + kernel
    return max(field, 400)


@dataclass(frozen=True)
class CtcFiles:
    """A CTC model, tokenizer and feature extractor of transformers, and the vocabulary."""

    model: Any
    tokenizer: Any
    extractor: Any
    _: KW_ONLY
    vocabulary: Vocabulary

    def net(self) -> CtcNet:
        """The model as a module, with its feature extractor's normalisation."""
        return CtcNet(
            self.model,
            normalize=bool(getattr(self.extractor, "do_normalize", False)),
            masks=bool(getattr(self.extractor, "return_attention_mask", False)),
            features=_filter_bank(self.extractor) if self.model.main_input_name == "input_features" else None,
        )


def _filter_bank(extractor: Any) -> FilterBank:
    return FilterBank(int(extractor.num_mel_bins), int(extractor.stride))


def check_family(model_type: object, name: str) -> None:
    """Raise ModelError for a family of CTC models that cannot be used, such as one with features of its own."""
    if model_type not in MODEL_TYPES:
        raise ModelError(
            f"{name}: CTC models of the family '{model_type}' cannot be used",
            f"Families that can: {', '.join(MODEL_TYPES[:-1])}.",
        )


def load_ctc(
    model: LocalModel, compute: Compute, language: str | None = None, *, only_if_known: bool = False
) -> CtcRecognizer:
    """Load a CTC model from its folder and check its vocabulary against its outputs.

    `language` selects the adapter of a multilingual model (MMS) by its ISO 639-3 code; with `only_if_known`, a model
    that knows only one language ignores it.

    Raises ModelError when files are missing or vocabulary and outputs do not match, UsageError when the model does
    not know `language`.
    """
    files = read_ctc(model, language if not only_if_known or _knows_languages(model) else None)
    return CtcRecognizer(model.name, files.net(), files.vocabulary, compute, language)


def read_ctc(model: LocalModel, language: str | None = None, new_tokenizer: Any = None) -> CtcFiles:
    """The parts of a CTC model in a folder; with a `new_tokenizer`, the CTC head is replaced by one for its symbols.

    Raises as `load_ctc` does.
    """
    from transformers import AutoConfig, AutoFeatureExtractor, AutoModelForCTC, AutoTokenizer

    check_data_only(model.folder)
    check_family(_config_of(model).get("model_type"), model.name)
    # Registers the architecture with transformers.
    from lyricsrec.recognition.whisper.ctc_model import load_encoder

    changes: dict[str, Any] = {}
    if language:
        changes |= {"target_lang": language, "ignore_mismatched_sizes": True}
    if new_tokenizer is not None:
        symbols = {"vocab_size": len(new_tokenizer), "pad_token_id": new_tokenizer.pad_token_id}
        changes |= {**symbols, "ignore_mismatched_sizes": True}
    what = f"{model.name}: cannot be loaded as a CTC model"
    with reading_model(f"{what}: its config.json"), quiet_transformers():
        AutoConfig.from_pretrained(model.folder, **_DATA_ONLY)
    with reading_model(f"{what}: its preprocessor_config.json"), quiet_transformers():
        extractor = AutoFeatureExtractor.from_pretrained(model.folder, **_DATA_ONLY)
    tokenizer = new_tokenizer
    if tokenizer is None:
        with reading_model(f"{what}: its vocab.json or tokenizer_config.json"), quiet_transformers():
            tokenizer = AutoTokenizer.from_pretrained(model.folder, **_DATA_ONLY)
    with reading_model(f"{what}: its config.json or weights"), quiet_transformers():
        _check_language(tokenizer, language, model.name)
        if language:
            tokenizer.set_target_lang(language)
        network, loading = AutoModelForCTC.from_pretrained(
            model.folder, **_DATA_ONLY, dtype=torch.float32, output_loading_info=True, **changes
        )
    missing = set(loading["missing_keys"])
    shared = getattr(network.config, "encoder_from", None)
    if shared in MODELS and any(key.startswith("encoder.") for key in missing):
        load_encoder(network, MODELS[shared].source.resolve(offline=True))
        missing = {key for key in missing if not key.startswith("encoder.")}
    _check_weights(missing, model.name, new_head=new_tokenizer is not None)
    if extractor.sampling_rate != RECOGNIZER_RATE:
        raise ModelError(
            f"{model.name}: expects audio at {extractor.sampling_rate} Hz; only models for 16 kHz are supported"
        )
    with reading_model(f"{model.name}: its vocabulary cannot be used"):
        vocabulary = vocabulary_of(tokenizer, network.config, model.name)
    if vocabulary.has_phonemes and (model.folder / LEXICON).is_file():
        vocabulary = replace(vocabulary, pronunciations=read_lexicon(model.folder / LEXICON).entries)
    return CtcFiles(network, tokenizer, extractor, vocabulary=vocabulary)


def _check_weights(missing: Iterable[str], name: str, *, new_head: bool) -> None:
    """Raise ModelError for weights that the file lacks: transformers would leave them uninitialised."""
    needed = sorted(key for key in missing if "masked_spec_embed" not in key and not (new_head and "lm_head" in key))
    if needed:
        more = f" and {len(needed) - 1} more" if len(needed) > 1 else ""
        raise ModelError(f"{name}: weights are missing ({needed[0]}{more})", "Is it a complete CTC model?")


def _config_of(model: LocalModel) -> dict[str, Any]:
    try:
        return read_object(model.folder / "config.json")
    except (OSError, ValueError) as error:
        raise ModelError(f"{model.name}: its config.json cannot be read ({error})") from None


def _knows_languages(model: LocalModel) -> bool:
    """Whether a model has a vocabulary for each of several languages."""
    try:
        vocabulary = read_object(model.folder / "vocab.json")
    except (OSError, ValueError):
        return False
    return any(isinstance(value, dict) for value in vocabulary.values())


def _check_language(tokenizer: Any, language: str | None, name: str) -> None:
    nested = getattr(tokenizer, "vocab", {})
    languages = sorted(key for key, value in nested.items() if isinstance(value, dict))
    if language and language not in languages:
        known = f"It knows: {', '.join(languages)}." if languages else "Leave --language out."
        raise UsageError(f"{name}: cannot be set to language '{language}'", known)


def vocabulary_of(tokenizer: Any, config: Any, name: str) -> Vocabulary:
    """The symbols of a CTC model by their meaning, from its tokenizer.

    Raises ModelError when the tokenizer has more symbols than the model has outputs, no blank, or no word delimiter.
    """
    by_label: dict[str, int] = tokenizer.get_vocab()
    num_outputs = int(config.vocab_size)
    if not by_label or max(by_label.values()) >= num_outputs:
        raise ModelError(
            f"{name}: its tokenizer has {len(by_label)} symbols, its output layer {num_outputs}",
            "Tokenizer and weights come from different models.",
        )
    # Padded output layers have outputs beyond the tokenizer's last symbol, which are never used.
    labels = [f"<unused{i}>" for i in range(num_outputs)]
    for label, index in by_label.items():
        labels[index] = label
    blank = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else config.pad_token_id
    if blank is None:
        raise ModelError(f"{name}: its vocabulary has no blank (padding token)")
    delimiter = getattr(tokenizer, "word_delimiter_token", None) or "|"
    space = by_label.get(delimiter) if delimiter != WORD_MARK else None
    if space is None and not any(label.startswith(WORD_MARK) for label in labels):
        raise ModelError(f"{name}: its vocabulary has no word delimiter, so words cannot be separated")
    unknown = tokenizer.unk_token_id
    named = {blank, space, unknown}
    special = {i for i, label in enumerate(labels) if label.startswith("<unused")} | set(tokenizer.all_special_ids)
    # A word may begin with a piece that is the mark alone.
    named.add(by_label.get(WORD_MARK))
    return Vocabulary(tuple(labels), blank, space, unknown=unknown, special=tuple(sorted(special - named)))


@contextlib.contextmanager
def quiet_transformers() -> Iterator[None]:
    """Suppress transformers' messages and progress bars while it loads."""
    from transformers.utils import logging as hf_logging

    level, bars = hf_logging.get_verbosity(), hf_logging.is_progress_bar_enabled()
    hf_logging.set_verbosity(logging.CRITICAL)
    hf_logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Detected pickle protocol")
            yield
    finally:
        hf_logging.set_verbosity(level)
        if bars:
            hf_logging.enable_progress_bar()
