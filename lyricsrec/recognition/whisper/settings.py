"""How Whisper models recognise: every setting and its default."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from lyricsrec.base.settings import Settings


@dataclass(frozen=True)
class WhisperConfig(Settings):
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
    _: KW_ONLY
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
