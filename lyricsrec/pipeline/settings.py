"""The settings of a pipeline, which models it is made of and those of each stage, and those of stems to listen to."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from lyricsrec.audio.settings import SegmentConfig
from lyricsrec.base import settings
from lyricsrec.base.device import DeviceName, DtypeName, resolve_device
from lyricsrec.base.errors import UsageError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.base.settings import Seed, Settings
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.lyrics.lines import LineConfig
from lyricsrec.models.catalogue import LISTENING_SEPARATOR
from lyricsrec.models.resolve import find_language_model
from lyricsrec.pipeline.presets import Preset, default_preset, get_preset
from lyricsrec.recognition.settings import RecognizeConfig
from lyricsrec.recognition.whisper.settings import WhisperConfig
from lyricsrec.separation.registry import bundled_separator, family_of, load_separator, separator_for
from lyricsrec.separation.settings import SeparateConfig, StemFormat

if TYPE_CHECKING:
    from lyricsrec.separation.base import Separator

WordTimes = Literal["aligned", "own"]

_STEM_FLAGS = {
    "separator": "--separator",
    "form": "--format",
    "device": "--device",
    "dtype": "--dtype",
    "separate.shifts": "--shifts",
}

_FLAGS = {
    "device": "--device",
    "dtype": "--dtype",
    "times": "--times",
    "decode.search": "--search",
    "decode.beam_width": "--beam",
    "decode.alpha": "--alpha",
    "decode.beta": "--beta",
    "separate.shifts": "--shifts",
}


@dataclass(frozen=True)
class PipelineConfig(Settings):
    """What a `Pipeline` is made of.

    `preset` None is the first one that is installed; `separator` and `model` replace those of the preset where they are
    given, and its language model goes with its own model only. `offline` forbids downloads. `search_aside` lets slow
    searches run in a second process while the next piece is recognised; the main module must be importable.
    `writes_stems` says that stems will be written: they are for listening, and come from `stem_separator_name`.

    `aligns` is for known lyrics: a CTC model, no decoder, the separator for listening unless one is named or the model
    has its own, and a `language` only where the model knows several. `times` "aligned" times the words of Whisper
    models with the built-in CTC model, which is more exact; "own" keeps Whisper's times. `whisper` None is as in the
    preset, for its own model.
    """

    preset: str | None = None
    separator: str | None = None
    model: str | None = None
    _: KW_ONLY
    language: str | None = None
    device: DeviceName = "auto"
    dtype: DtypeName = "auto"
    seed: Seed = 0
    offline: bool = False
    search_aside: bool = False
    aligns: bool = False
    writes_stems: bool = False
    times: WordTimes = "aligned"
    separate: SeparateConfig = field(default_factory=SeparateConfig)
    segment: SegmentConfig = field(default_factory=SegmentConfig)
    whisper: WhisperConfig | None = None
    decode: DecodeConfig = field(default_factory=DecodeConfig)
    lines: LineConfig = field(default_factory=LineConfig)

    @property
    def chosen(self) -> Preset:
        """The preset that is used. Raises UsageError for an unknown one."""
        return get_preset(self.preset or default_preset())

    @property
    def separator_name(self) -> str:
        """The separator that will run: the one asked for, the one in the model's folder, or the default one."""
        default = LISTENING_SEPARATOR if self.aligns else self.chosen.separator
        return separator_for(self.model_name, self.separator, default)

    @property
    def aligns_mix(self) -> bool:
        """Whether known lyrics are aligned with the mix, too: unless the model was trained with its own separator."""
        return self.separator is not None or bundled_separator(self.model_name) is None

    @property
    def stem_separator_name(self) -> str:
        """The separator of stems that people listen to: the one asked for, one that runs anyway, or the default one.

        Raises UsageError for an unknown separator.
        """
        is_for_listening = self.separator is not None or not family_of(self.separator_name).keeps_accompaniment
        return self.separator_name if is_for_listening else LISTENING_SEPARATOR

    @property
    def model_name(self) -> str:
        """The recogniser that will run."""
        return self.model or self.chosen.recognizer

    @property
    def recognize(self) -> RecognizeConfig:
        """How to recognise."""
        whisper = self.whisper or (self.chosen.whisper if self.model is None else WhisperConfig())
        return RecognizeConfig(self.language, optional_language=self.aligns, whisper=whisper)

    @property
    def search(self) -> DecodeConfig:
        """How to search: as asked for, with the preset's language model unless --model, --lm or beam 1 is given."""
        wants_other = self.model is not None or self.decode.lm is not None or self.decode.beam_width == 1
        if wants_other or self.chosen.lm is None:
            return self.decode
        alpha = self.chosen.alpha if self.decode.alpha is None else self.decode.alpha
        return replace(self.decode, lm=self.chosen.lm, alpha=alpha)

    def segment_for(self, longest_s: float) -> SegmentConfig:
        """How to cut for a recogniser that takes pieces of up to `longest_s`.

        Where the vocals still contain accompaniment, nothing counts as silence: breaks between phrases are not silent.
        """
        threshold = 0.0 if family_of(self.separator_name).keeps_accompaniment else self.segment.threshold
        return replace(self.segment, threshold=threshold, max_s=min(self.segment.max_s, longest_s))

    def check(self) -> None:
        """Raise UsageError for invalid values and for unknown names, before anything is loaded."""
        settings.check(self, _FLAGS)
        family_of(self.separator_name)
        if self.decode.lm is not None:
            find_language_model(self.decode.lm)


@dataclass(frozen=True)
class StemConfig(Settings):
    """How songs are separated into files.

    A stem that is silent or nearly the song itself is left out, unless `keeps_all`. `offline` forbids downloads.
    """

    separator: str = LISTENING_SEPARATOR
    form: StemFormat = "flac"
    keeps_all: bool = False
    _: KW_ONLY
    device: DeviceName = "auto"
    dtype: DtypeName = "auto"
    offline: bool = False
    separate: SeparateConfig = field(default_factory=SeparateConfig)

    def check(self) -> None:
        """Raise UsageError for invalid values, an unknown separator, and one that does not take the mix apart."""
        settings.check(self, _STEM_FLAGS)
        if not family_of(self.separator).makes_stems:
            raise UsageError(
                f"the separator '{self.separator}' does not take songs apart", f"Use '{LISTENING_SEPARATOR}'."
            )

    def load(self, progress: Progress = SILENT) -> Separator:
        """The separator. Raises UsageError as `check` does, ModelError when its weights are not available."""
        self.check()
        compute = resolve_device(self.device, self.dtype)
        return load_separator(self.separator, self.separate, compute, offline=self.offline, progress=progress)
