"""The model to train: loaded from a checkpoint or a recogniser, and saved in the form that every command loads."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import nn

from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.decoding.emission import WORD_MARK, Vocabulary
from lyricsrec.decoding.pronunciation import LEXICON, Lexicon, read_lexicon
from lyricsrec.lyrics.languages import LATIN
from lyricsrec.models.resolve import LocalModel
from lyricsrec.recognition.acoustic import RECOGNIZER_RATE, AcousticModel
from lyricsrec.recognition.ctc import CtcFiles, quiet_transformers, read_ctc, vocabulary_of
from lyricsrec.recognition.registry import find_recognizer
from lyricsrec.recognition.whisper.ctc_model import WhisperForCTC, from_ctranslate2
from lyricsrec.separation.registry import bundled_separator, load_vocal_net, random_vocal_net, separator_for
from lyricsrec.separation.settings import SEPARATOR_FOLDER
from lyricsrec.training.data.labels import LabelEncoder, PhonemeEncoder
from lyricsrec.training.model.shapes import from_shape, has_weights, is_shape, shape_of
from lyricsrec.training.settings import MaskConfig, ModelConfig

_MASKED_SAMPLES = 320
_BLANK, _UNKNOWN, _SPACE, _APOSTROPHE = "<pad>", "<unk>", "|", "'"


@dataclass(frozen=True)
class Learner:
    """An acoustic model with its vocabulary, and the tokenizer and feature extractor of transformers."""

    acoustic: AcousticModel
    vocabulary: Vocabulary
    tokenizer: Any
    _: KW_ONLY
    extractor: Any
    lexicon: Lexicon | None = None

    def encoder(self) -> LabelEncoder:
        """What turns texts into labels. Raises ModelError for a model of phonemes without its lexicon."""
        frames = self.acoustic.ctc.frames
        if not self.vocabulary.has_phonemes:
            return LabelEncoder(self.vocabulary, frames)
        if self.lexicon is None:
            raise ModelError("this model outputs phonemes, but has no lexicon", "Give --set model.lexicon=FILE.")
        return PhonemeEncoder(self.vocabulary, self.lexicon, frames)

    @property
    def longest_s(self) -> float:
        """The longest audio in seconds that the recogniser takes at once."""
        config: Any = self.acoustic.ctc.model.config
        positions = getattr(config, "max_source_positions", None)
        return positions * self.acoustic.ctc.frames.frame_s if positions else math.inf

    def save(self, folder: Path, state: dict[str, torch.Tensor] | None = None) -> None:
        """Write the model into a folder: the recogniser as transformers saves it, the separator in a folder below.

        Weights are float32 safetensors; `state` has them where they are sharded over processes. Raises OSError when the
        folder cannot be written.
        """
        with quiet_transformers():
            self.acoustic.ctc.model.save_pretrained(folder, state_dict=_below("ctc.model.", state))  # type: ignore[operator]
            self.tokenizer.save_pretrained(folder)
            self.extractor.save_pretrained(folder)
        self._save_adapters(folder, state)
        if self.lexicon is not None:
            (folder / LEXICON).write_text(self.lexicon.text(), "utf-8")
        if self.acoustic.vocals is not None:
            (folder / SEPARATOR_FOLDER).mkdir(exist_ok=True)
            self.acoustic.vocals.save(folder / SEPARATOR_FOLDER, _below("vocals.", state))

    def _save_adapters(self, folder: Path, state: dict[str, torch.Tensor] | None) -> None:
        """Write adapters and head of an MMS model as a file that transformers loads by language."""
        from safetensors.torch import save_file

        model: Any = self.acoustic.ctc.model
        language = getattr(self.tokenizer, "target_lang", None)
        if not language or getattr(model.config, "adapter_attn_dim", None) is None:
            return
        given = _below("ctc.model.", state)
        own = {name: value if given is None else given[name] for name, value in model._get_adapters().items()}
        tensors = {name: value.detach().cpu().contiguous() for name, value in own.items()}
        save_file(tensors, folder / f"adapter.{language}.safetensors", {"format": "pt"})

    def load_weights(self, folder: Path) -> None:
        """Load the weights that `save` wrote. Raises ModelError when they are those of another model."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            model: Any = self.acoustic.ctc.model
            model.load_state_dict(load_file(folder / "model.safetensors"))
            if self.acoustic.vocals is not None:
                self.acoustic.vocals.load_state_dict(_saved_separator(folder).state_dict())
        except (OSError, SafetensorError, RuntimeError, ModelError) as error:
            raise ModelError(f"{folder}: not a checkpoint of this run ({str(error).splitlines()[0]})") from None


def _saved_separator(folder: Path) -> nn.Module:
    """The separator in a checkpoint's folder. Raises ModelError when there is none, or it is damaged."""
    name = bundled_separator(str(folder))
    separator = load_vocal_net(name, offline=True) if name is not None else None
    if separator is None:
        raise ModelError(f"{folder} contains no separator")
    return separator


def _below(prefix: str, state: dict[str, torch.Tensor] | None) -> dict[str, torch.Tensor] | None:
    """The weights of a part, without the prefix of their names."""
    if state is None:
        return None
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}


def needs_head(config: ModelConfig, *, offline: bool = False, progress: Progress = SILENT) -> bool:
    """Whether the model gets a new head, so that its symbols have to be chosen. Raises as `load_learner` does."""
    if config.new_head or is_shape(config.recognizer):
        return True
    return find_recognizer(config.recognizer, offline=offline, progress=progress).family == "whisper"


def load_learner(
    config: ModelConfig, mask: MaskConfig, *, offline: bool = False, progress: Progress = SILENT
) -> Learner:
    """The configured model, in float32.

    Raises ModelError when it is not available or damaged, UsageError for a separator that cannot be trained.
    """
    shape = shape_of(config.recognizer) if config.random and not has_weights(config.recognizer) else None
    if shape is not None:
        files = from_shape(shape, _new_tokenizer(config), config.recognizer)
    else:
        local = find_recognizer(config.recognizer, offline=offline, progress=progress)
        files = LOADERS[local.family](local, config)
    _set_masks(files.model, mask)
    separator = separator_for(config.recognizer, config.separator)
    load_net = random_vocal_net if config.random else load_vocal_net
    vocals = load_net(separator, offline=offline, progress=progress)
    acoustic = AcousticModel(vocals, files.net(), RECOGNIZER_RATE)
    if config.random:
        _randomize(acoustic)
    lexicon = _lexicon(config) if files.vocabulary.has_phonemes else None
    return Learner(acoustic, files.vocabulary, files.tokenizer, extractor=files.extractor, lexicon=lexicon)


def _lexicon(config: ModelConfig) -> Lexicon | None:
    """The configured pronunciations, else those of a checkpoint, None without any. Raises DataError."""
    own = Path(config.recognizer).expanduser() / LEXICON
    path = config.lexicon or (own if own.is_file() else None)
    return read_lexicon(path) if path is not None else None


def _from_whisper(local: LocalModel, config: ModelConfig) -> CtcFiles:
    tokenizer, extractor = _new_tokenizer(replace(config, language=None)), _extractor(normalize=False, masks=True)
    try:
        model = from_ctranslate2(
            local.folder,
            len(tokenizer),
            pad_token_id=tokenizer.pad_token_id,
            head_layers=config.head_layers,
            head_kernel=config.head_kernel,
            head_width=config.head_width,
        )
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{local.name}: its encoder cannot be read ({error})") from None
    return CtcFiles(model, tokenizer, extractor, vocabulary=vocabulary_of(tokenizer, model.config, local.name))


def _from_ctc(local: LocalModel, config: ModelConfig) -> CtcFiles:
    if not config.new_head and config.letters is None and not (config.pieces or config.phonemes):
        files = read_ctc(local, config.language)
        languages = getattr(files.tokenizer, "vocab", {})
        if config.language and len(languages) > 1:
            # The checkpoint has the adapters of this language only.
            own = {config.language: languages[config.language]}
            return replace(files, tokenizer=_tokenizer(own, config.language))
        return files
    files = read_ctc(local, new_tokenizer=_new_tokenizer(config))
    # transformers keeps a head of the same size, although its symbols are others.
    files.model.lm_head.reset_parameters()
    if config.language is not None:
        if getattr(files.model.config, "adapter_attn_dim", None) is None:
            raise UsageError(
                f"{local.name}: has no adapters for languages, so --language has no effect", "Leave out --language."
            )
        files.model.init_adapter_layers()
    return files


LOADERS = {"whisper": _from_whisper, "ctc": _from_ctc}
"""How a recogniser of each family becomes a CTC model to train."""


def _new_tokenizer(config: ModelConfig) -> Any:
    """A tokenizer of blank, unknown symbol, and pieces, phonemes, or space and letters (of English unless given)."""
    letters = sorted(set(config.letters or f"{_APOSTROPHE}{LATIN}"))
    phonemes = tuple(f"{WORD_MARK}{phoneme}" for phoneme in config.phonemes)
    labels = [_BLANK, _UNKNOWN, *(config.pieces or phonemes or (_SPACE, *letters))]
    symbols, language = {label: i for i, label in enumerate(labels)}, config.language
    delimiter = WORD_MARK if config.pieces or phonemes else _SPACE
    return _tokenizer({language: symbols} if language else symbols, language, delimiter)


def _tokenizer(vocabulary: Mapping[str, Any], language: str | None, delimiter: str = _SPACE) -> Any:
    """A tokenizer of symbols, or of the symbols of each language."""
    from transformers import Wav2Vec2CTCTokenizer

    with TemporaryDirectory() as folder:
        path = Path(folder) / "vocab.json"
        path.write_text(json.dumps(vocabulary), encoding="utf-8")
        # Without None, transformers would add symbols for the start and end of sentences.
        return Wav2Vec2CTCTokenizer(
            str(path),
            bos_token=None,
            eos_token=None,
            unk_token=_UNKNOWN,
            pad_token=_BLANK,
            word_delimiter_token=delimiter,
            target_lang=language,
        )


def _extractor(*, normalize: bool, masks: bool) -> Any:
    from transformers import Wav2Vec2FeatureExtractor

    return Wav2Vec2FeatureExtractor(
        sampling_rate=RECOGNIZER_RATE, do_normalize=normalize, return_attention_mask=masks, padding_value=0.0
    )


def _set_masks(model: nn.Module, mask: MaskConfig) -> None:
    """Set the masks that transformers draws in training, and turn off random dropping of layers."""
    config: Any = model.config
    is_whisper = isinstance(model, WhisperForCTC)
    samples = getattr(config, "inputs_to_logits_ratio", _MASKED_SAMPLES) / (2 if is_whisper else 1)
    frame_s, channels = samples / RECOGNIZER_RATE, config.num_mel_bins if is_whisper else config.hidden_size
    config.apply_spec_augment = True
    config.mask_time_prob = mask.time
    config.mask_time_length = max(round(mask.time_s / frame_s), 1)
    config.mask_time_min_masks = 0
    config.mask_feature_prob = mask.bands
    config.mask_feature_length = max(round(mask.band * channels), 1)
    config.mask_feature_min_masks = 0
    base: Any = model.base_model
    if not is_whisper and not hasattr(base, "masked_spec_embed"):
        # The embedding that replaces masked frames; transformers creates it only for models that were made with masks.
        base.masked_spec_embed = nn.Parameter(torch.rand(channels))
    # Weights that are never used: distributed training would have to look for their gradients.
    if hasattr(base, "masked_spec_embed") and mask.time == 0:
        base.masked_spec_embed.requires_grad_(False)
    if config.model_type == "wav2vec2-conformer":
        base.encoder.pos_conv_embed.requires_grad_(False)
    # Processes that drop different layers would wait for each other's gradients forever.
    config.layerdrop = 0.0


def _randomize(acoustic: AcousticModel) -> None:
    """Replace trained weights by random ones."""
    model: Any = acoustic.ctc.model
    # Models without masks are made without the embedding of masked frames, which is random already.
    model.load_state_dict(type(model)(model.config).state_dict(), strict=False)
    if acoustic.vocals is not None:
        acoustic.vocals.randomize()
