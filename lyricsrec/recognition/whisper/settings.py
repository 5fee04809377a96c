"""How Whisper models recognise: the settings and their defaults."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from lyricsrec.base.settings import AtLeastZero, Count, Natural, Positive, Settings, Share


@dataclass(frozen=True)
class WhisperConfig(Settings):
    """How to recognise with a Whisper model. Log-probabilities and evidence are means in nats a token.

    First pass: a beam search of `beam_width` beams over all pieces. With `two_views`, the separated vocals, slowed down
    by the factor `slowdown`, are decoded together with the mix. Each piece is encoded with `silence_s` of silence after
    it: Whisper pads to 30 s, which costs more and is no better. At most `max_repeats` repetitions of a phrase in a row
    and `tokens_per_s` tokens a second.

    Second pass, if `second_pass`, over pieces whose log-probability is below `retry_below`: the vocals alone, once with
    each of `num_contexts` contexts, which are up to `context_tokens` of the most reliable text, and no text twice. The
    finished texts of all passes vote on each word. The first pass has one vote and each later one `second_vote`; the
    texts of a pass share it by their log-probabilities times `vote_sharpness`. Passages of other pieces that are
    similar, by at least `repeat_score` equal words more than different ones, have `repeat_vote` each.

    Evidence is how much more probable a text is with the audio than with noise. A text of at least `sure_evidence` is
    kept. Another one is dropped where its evidence is below `min_evidence`, and where the vocals over its words are
    below `min_voice_db` relative to the mix. If less than `min_share` of a song's words are kept, only sure texts are.
    In kept texts, runs of `loop_words` words with less than `loop_evidence` are dropped as loops.
    """

    beam_width: Natural = 5
    _: KW_ONLY
    two_views: bool = True
    second_pass: bool = True
    max_repeats: Natural = 3
    tokens_per_s: Positive = 7.0
    slowdown: Positive = 1.06
    silence_s: AtLeastZero = 2.0
    context_tokens: Count = 100
    num_contexts: Count = 2
    retry_below: float = -0.25
    vote_sharpness: AtLeastZero = 10.0
    second_vote: Positive = 1.5
    repeat_vote: Positive = 0.7
    repeat_score: Positive = 5.0
    sure_evidence: float = 3.5
    min_evidence: float = 0.75
    min_voice_db: float = -15.0
    min_share: Share = 1 / 3
    loop_words: Natural = 8
    loop_evidence: float = 0.25
