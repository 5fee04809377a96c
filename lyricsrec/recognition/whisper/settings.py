"""How Whisper models recognise: the settings and their defaults."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from lyricsrec.base.settings import AtLeastZero, Count, Natural, Positive, Settings, Share


@dataclass(frozen=True)
class WhisperConfig(Settings):
    """How to recognise with a Whisper model. Log-probabilities are means in nats a token.

    First pass: a beam search of `first_beam` beams over all pieces. The separated vocals are slowed down by the factor
    `slowdown`, so that the two views of a piece differ even without separation. At most `max_repeats` repetitions of a
    phrase in a row and `tokens_per_s` tokens a second.

    Second pass, over pieces whose log-probability is below `retry_below`: `beam_width` beams, contrastive decoding that
    subtracts `contrast` times the logits for noise among tokens within `plausibility` nats of the best, and up to
    `context_tokens` of the most reliable text as context. The new text replaces the old one unless its log-probability
    is lower by `retry_margin` or it has less than `min_kept_share` of the tokens.

    Hallucinations: a text is accepted if its log-probability reaches `min_log_prob` and exceeds the log-probability of
    the same text without the audio by `min_evidence` (by `weak_evidence` if it is below `weak_log_prob`; a text of up
    to `few_words` words also needs `few_evidence` and `few_log_prob`). In an accepted text with less than
    `weak_evidence`, runs of `run_words` words with less than `run_evidence` are dropped. Higher values drop more
    hallucinated and more sung words.
    """

    beam_width: Natural = 5
    first_beam: Natural = 3
    contrast: AtLeastZero = 0.3
    _: KW_ONLY
    plausibility: AtLeastZero = 3.0
    max_repeats: Natural = 3
    tokens_per_s: Positive = 7.0
    slowdown: Positive = 1.06
    context_tokens: Count = 100
    retry_below: float = -0.25
    retry_margin: float = 0.8
    min_kept_share: Share = 0.7
    min_log_prob: float = -1.6
    min_evidence: float = 2.4
    weak_log_prob: float = -0.8
    weak_evidence: float = 3.5
    few_words: Count = 3
    few_log_prob: float = -1.0
    few_evidence: float = 3.0
    run_words: Natural = 8
    run_evidence: float = 1.2
