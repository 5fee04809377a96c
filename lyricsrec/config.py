"""Every setting and its default, in frozen dataclasses; flags and files only override them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from lyricsrec.catalogue import Preset, get_preset
from lyricsrec.errors import UsageError
from lyricsrec.languages import LATIN
from lyricsrec.models import carried_separator, default_preset, find_language_model, get_separator
from lyricsrec.tuning import Weights


@dataclass(frozen=True)
class SegmentConfig:
    """How to cut a song into pieces.

    A stretch whose RMS (frames of `frame`, every `hop` samples) stays under `threshold` times the loudest frame for
    `min_silence_s` counts as silence and is left out; what remains keeps `padding_s` on both sides. With a `threshold`
    of 0 nothing is left out: right for a mix, whose breaks are not silent.

    Pieces are at most `max_s` long: longer ones are cut in their second half (after `earliest_cut` of that length),
    where the band of the voice (`low_hz` to `high_hz`) is quietest over `pause_s`, and so that no remainder is shorter
    than a quarter of that. A larger `max_s` gives a recogniser more context, a smaller one keeps a mistake from
    spreading; a later `earliest_cut` makes fewer pieces, which is faster, an earlier one finds better pauses.
    """

    max_s: float = 30.0
    threshold: float = 0.1
    min_silence_s: float = 1.0
    padding_s: float = 0.2
    earliest_cut: float = 0.5
    pause_s: float = 0.3
    low_hz: float = 200.0
    high_hz: float = 4000.0
    frame: int = 2048
    hop: int = 512


@dataclass(frozen=True)
class SeparateConfig:
    """How to separate.

    `shifts` random shifts are averaged (0: none, and the same result every time; each one takes as long again and
    gains at most 0.2 dB). Neighbouring windows share `overlap` of their length.
    """

    shifts: int = 0
    overlap: float = 0.25
    seed: int = 0


@dataclass(frozen=True)
class DecodeConfig:
    """How to search CTC log-probabilities.

    Without beam, language model and hot words it is greedy. What is None is filled in by `weights`. `lm` is a known
    name (a string) or a path. Letters of `hotwords`, expected words such as names, gain `hotword_weight`. `search`
    "prefix" is pyctcdecode's; "lexicon" and "auto" are compiled where they can be: for a language model's words, and
    for letters or word pieces without a language model. In the lexicon search, a word that the language model does
    not know costs `unknown_price` (log10) a letter beside the probability of unknown words; 1.4 is what equally likely
    letters cost; less gives more names, and nonsense.
    """

    beam_width: int | None = None
    lm: str | Path | None = None
    alpha: float | None = None
    beta: float | None = None
    hotwords: tuple[str, ...] = ()
    hotword_weight: float = 10.0
    search: str = "auto"
    unknown_price: float = 1.4

    @property
    def greedy(self) -> bool:
        """Whether no search is asked for."""
        return self.beam_width in (None, 1) and self.lm is None and not self.hotwords

    def weights(self, tuned: Weights | None = None) -> Weights:
        """The weights to search with: those given here, else those a language model was tuned to, else the standard."""
        return (tuned or Weights()).overridden(self.alpha, self.beta, self.beam_width)

    @property
    def wants_prefixes(self) -> bool:
        """Whether only pyctcdecode's search will do, which is slow."""
        return not self.greedy and (self.search == "prefix" or bool(self.hotwords))


@dataclass(frozen=True)
class WhisperConfig:
    """How Whisper models listen.

    Search: `first_beam` beams to find the song's words, `beam_width` for pieces that are then heard again; `contrast`
    is the share of what the model says to noise that is taken off, among tokens within `plausible` nats of the best;
    at most `copies` of a phrase in a row and `tokens_per_s` tokens a second. The separated voice is heard slowed down
    by `slower`, so that two views of a piece differ even where nothing was separated.

    Second hearing: the surest pieces, up to `context_tokens` of text, become the context of every piece whose mean
    log-probability is below `unsure`; the new text is taken unless it explains the sound worse by `margin` nats a
    token or has less than `kept_share` of the tokens.

    What counts as sung: the mean log-probability of the text must reach `min_log_prob`, and exceed what the same text
    gets without the sound by `min_evidence` nats a token (`weak_evidence` where it is below `weak_log_prob`; of up to
    `few_words` words, more still: `few_evidence` and `few_log_prob`). Where the evidence is below `weak_evidence`, runs
    of `run_words` words with less than `run_evidence` are dropped. Higher values drop more invented text and more sung
    words.
    """

    beam_width: int = 5
    first_beam: int = 3
    contrast: float = 0.3
    plausible: float = 3.0
    copies: int = 3
    tokens_per_s: float = 7.0
    slower: float = 1.06
    context_tokens: int = 100
    unsure: float = -0.25
    margin: float = 0.8
    kept_share: float = 0.7
    min_log_prob: float = -1.6
    min_evidence: float = 2.4
    weak_log_prob: float = -0.8
    weak_evidence: float = 3.5
    few_words: int = 3
    few_log_prob: float = -1.0
    few_evidence: float = 3.0
    run_words: int = 8
    run_evidence: float = 1.2


@dataclass(frozen=True)
class LineConfig:
    """Where lines break.

    Always at a pause of `pause_s` (after a single word, of twice that); at the end of a sentence once the line has
    `min_words`; and wherever a line would grow past `max_chars` or `max_s`, at its best place: the widest gap, with
    a bonus after punctuation and before a capital letter.
    """

    max_chars: int = 42
    max_s: float = 8.0
    pause_s: float = 0.9
    min_words: int = 3


@dataclass(frozen=True)
class VerifyConfig:
    """When the times of given lyrics count as wrong.

    As a whole: where a line would move by more than `tolerance_s`, beyond the `lead_s` by which given times usually
    come before what an aligner hears. A line alone: from `line_tolerance_s`, for aligners err by more in single lines.
    Nothing is said of a song with fewer than `min_lines` lines heard, or less than `min_share` of them, nor where less
    than that share of the heard times agrees.
    """

    tolerance_s: float = 0.2
    line_tolerance_s: float = 0.6
    lead_s: float = 0.02
    min_lines: int = 4
    min_share: float = 0.5


@dataclass(frozen=True)
class LyricsConfig:
    """Which words of an annotation are kept, and how they are spelled.

    `letters` are the capital letters of the recogniser's alphabet, or None for those of each song's own language;
    `case` is "upper" or "lower".
    """

    letters: str | None = LATIN
    case: str = "upper"


@dataclass(frozen=True)
class ChunkConfig:
    """How songs are cut into training chunks.

    `mode` "words" packs whole words and lines, up to `chunk_s`; a pause of more than `max_gap_s` ends a chunk, and up
    to `pad_s` (never more than half the pause) is kept around it. "fixed" lays windows of `chunk_s` over the song as
    the project of 2021 did, drops words that lie in two of them and mutes what is dropped. Longer chunks give a
    recogniser more context and cost memory.
    """

    mode: str = "words"
    chunk_s: float = 15.0
    max_gap_s: float = 2.0
    pad_s: float = 0.2


@dataclass(frozen=True)
class SplitConfig:
    """Which song goes into which split; a song, and all entries of the same artist and title, into one only.

    `mode` "ncc": by annotation quality, train from `ncc`, validation from `validation_ncc`, test from `test_ncc` (up
    to 1); where entries belong together the lowest decides, so that the test split holds nothing doubtful. "random":
    in `ratios` (train, validation, test), by `seed`, among songs of at least `ncc`; a song nobody measured counts as
    0. `separate_artists` keeps all songs of an artist together.
    """

    mode: str = "ncc"
    ncc: float = 0.8
    validation_ncc: float = 0.925
    test_ncc: float = 0.94
    ratios: tuple[float, float, float] = (0.8, 0.1, 0.1)
    seed: int = 0
    separate_artists: bool = False


@dataclass(frozen=True)
class DatasetConfig:
    """How annotations and audio become a data set.

    `languages` are English names in lower case (empty: all); `exclude` are ids of songs to leave out; `extract`
    writes each chunk's sound as FLAC, which takes space and makes training read faster from slow disks.
    """

    languages: tuple[str, ...] = ("english",)
    exclude: frozenset[str] = frozenset()
    lyrics: LyricsConfig = field(default_factory=LyricsConfig)
    chunk: ChunkConfig = field(default_factory=ChunkConfig)
    split: SplitConfig = field(default_factory=SplitConfig)
    extract: bool = False

    def check(self) -> None:
        """Raise UsageError for values that mean nothing, before any work is done."""
        split, chunk = self.split, self.chunk
        if chunk.mode not in ("words", "fixed"):
            raise UsageError(f"no way of cutting chunks is called '{chunk.mode}'", "--chunks takes words or fixed.")
        if not chunk.chunk_s >= 1:
            raise UsageError(f"--chunk-s {chunk.chunk_s:g} is too short", "Give at least 1 second.")
        if not (chunk.max_gap_s >= 0 and chunk.pad_s >= 0):
            raise UsageError("--max-gap-s and --pad-s must be 0 or more")
        if split.mode not in ("ncc", "random"):
            raise UsageError(f"no way of splitting is called '{split.mode}'", "--split takes ncc or random.")
        if split.mode == "ncc" and not split.ncc <= split.validation_ncc <= split.test_ncc:
            raise UsageError(
                "the NCC borders are out of order", "They must rise: --ncc, then --validation-ncc, then --test-ncc."
            )
        if min(split.ratios) < 0 or sum(split.ratios) <= 0:
            raise UsageError("--ratios must be positive", "Give three shares, such as 0.8,0.1,0.1.")
        if self.lyrics.case not in ("upper", "lower"):
            raise UsageError(f"no case is called '{self.lyrics.case}'", "--case takes upper or lower.")


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
        carried = carried_separator(self.model) if self.model is not None else None
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
