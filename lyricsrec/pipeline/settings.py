"""What a pipeline is made of: every setting and its default."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field, replace

from lyricsrec.audio.settings import SegmentConfig
from lyricsrec.base.errors import UsageError
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.lyrics.lines import LineConfig
from lyricsrec.models.catalogue import Preset, get_preset
from lyricsrec.models.resolve import bundled_separator, default_preset, find_language_model, get_separator
from lyricsrec.recognition.whisper.settings import WhisperConfig
from lyricsrec.separation.settings import SeparateConfig


@dataclass(frozen=True)
class PipelineConfig:
    """What a `Pipeline` is made of.

    `preset` None is `offline` where that extra is installed, else `builtin`; `separator` and `model` replace those of
    the preset where they are given, and its language model goes with its own model only. `offline` forbids the
    network. `search_aside` lets slow searches run in a process of their own, while the next piece is recognised; the
    main module must be one that can be imported again. `aligns` is for known lyrics: a CTC model, no decoder, and a
    `language` only where the model knows several. `times` "aligned" times the words of Whisper models with the built-in
    CTC model, which is exacter; "own" leaves them the times that they come with.
    """

    preset: str | None = None
    separator: str | None = None
    model: str | None = None
    _: KW_ONLY
    language: str | None = None
    device: str = "auto"
    dtype: str = "auto"
    seed: int = 0
    offline: bool = False
    search_aside: bool = False
    aligns: bool = False
    times: str = "aligned"
    separate: SeparateConfig = field(default_factory=SeparateConfig)
    segment: SegmentConfig = field(default_factory=SegmentConfig)
    whisper: WhisperConfig = field(default_factory=WhisperConfig)
    decode: DecodeConfig = field(default_factory=DecodeConfig)
    lines: LineConfig = field(default_factory=LineConfig)

    @property
    def chosen(self) -> Preset:
        """The preset that is used. Raises UsageError for an unknown one."""
        return get_preset(self.preset or default_preset())

    @property
    def separator_name(self) -> str:
        """The separator that will run: the one asked for, that of the model's folder, or the preset's."""
        carried = bundled_separator(self.model) if self.model is not None else None
        return self.separator or carried or self.chosen.separator

    @property
    def model_name(self) -> str:
        """The recogniser that will run."""
        return self.model or self.chosen.recognizer

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

        On a mix nothing counts as silence, for its breaks are not silent.
        """
        threshold = 0.0 if self.separator_name in ("none", "center") else self.segment.threshold
        return replace(self.segment, threshold=threshold, max_s=min(self.segment.max_s, longest_s))

    def check(self) -> None:
        """Raise UsageError for names that nothing has, before anything is loaded."""
        get_separator(self.separator_name)
        if self.decode.lm is not None:
            find_language_model(self.decode.lm)
        if self.times not in ("aligned", "own"):
            raise UsageError(f"no kind of times is called '{self.times}'", "--times takes aligned or own.")
        if self.decode.search not in ("auto", "lexicon", "prefix"):
            raise UsageError(f"no search is called '{self.decode.search}'", "--search takes auto, lexicon or prefix.")
