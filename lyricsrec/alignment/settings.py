"""Settings of the alignment of known lyrics."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from lyricsrec.base.settings import AtLeastZero, Natural, Positive, Settings, Share


@dataclass(frozen=True)
class AlignConfig(Settings):
    """Costs and thresholds of the best path through a song; costs are in nats, per frame unless said otherwise.

    `language` (English name, lower case) is the one in which digits are written out.

    Token scores: the log-probability of each token minus `prior_weight` times the log of its mean over the song (its
    label prior). A higher weight keeps blanks from drowning rare letters, but finds letters in noise. A token costs at
    most `max_token_cost`: lower values tolerate wrong words, higher ones follow the sound more strictly.

    Other sound costs at most `max_word_gap_cost` between words and `max_line_gap_cost` between lines (ad-libs, backing
    vocals, verses missing from the text). Lower values let lines be squeezed together in the wrong place, higher ones
    pull words into breaks. A frame of pause costs `word_pause_cost` inside a word and `line_pause_cost` inside a line,
    so that no word stretches over a break.

    Skipping a line costs `skip_line_cost`, plus `skip_token_cost` for each of its tokens (both in all, not per frame).
    Lower values skip more foreign lines, but also lines that the model hardly recognises.

    Hints: starting a word `hint_spread_s` away from its given time costs 1 nat, twice as far 2 nats, and at most
    `max_hint_cost`.

    Confidence of a word: the share of its posterior within `confidence_window_s` of its place, where the posterior of a
    place is the score of the best path through it, times `acoustic_scale`. The score of a line is the mean confidence
    of its words times its acoustic support, which is a half where its tokens gain `half_support` nats each. Lines with
    a score of at least `min_sure` and `min_likely` are in these bands. Unplaced are lines with less support than
    `min_support`, and all lines of a song whose mean score is below `min_song_score`: another song, or no singing.
    With a mean support of at least `min_song_support`, `min_supported_song_score` is enough.

    A voice without words is noted where the best token is a letter in `voice_share` of the frames of windows of
    `voice_window_s`, for `min_wordless_s` in all between two lines: lower values find shorter passages, and take other
    sound for voices. The two others were chosen on songs with verses taken out (docs/explanations/alignment.md).

    Recognisers work on pieces that overlap by `overlap_s`; half of an overlap is cut off on each side. Words start
    `lead_s` before the first frame of their first token. `max_cells` (frames times words, 12 bytes each) bounds the
    memory: longer songs are cut between two lines.
    """

    language: str | None = "english"
    prior_weight: AtLeastZero = 0.5
    max_token_cost: AtLeastZero = 6.0
    _: KW_ONLY
    max_word_gap_cost: AtLeastZero = 4.0
    max_line_gap_cost: AtLeastZero = 1.75
    word_pause_cost: AtLeastZero = 0.05
    line_pause_cost: AtLeastZero = 0.02
    skip_line_cost: AtLeastZero = 10.0
    skip_token_cost: AtLeastZero = 1.75
    hint_spread_s: Positive = 1.0
    max_hint_cost: AtLeastZero = 8.0
    acoustic_scale: Positive = 0.5
    confidence_window_s: AtLeastZero = 0.3
    min_sure: Share = 0.9
    min_likely: Share = 0.6
    half_support: float = -1.2
    min_support: Share = 0.1
    min_song_score: Share = 0.35
    min_song_support: Share = 0.8
    min_supported_song_score: Share = 0.12
    min_wordless_s: Positive = 15.0
    voice_share: Share = 0.1
    voice_window_s: Positive = 8.0
    overlap_s: AtLeastZero = 5.0
    lead_s: float = 0.0
    max_cells: Natural = 12_000_000

    def __post_init__(self) -> None:
        if self.min_likely > self.min_sure:
            raise ValueError(f"min_likely ({self.min_likely:g}) must not exceed min_sure ({self.min_sure:g})")
