"""How Whisper models recognise: the settings and their defaults."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from lyricsrec.base.settings import AtLeastZero, Count, Natural, Positive, Settings, Share


@dataclass(frozen=True)
class WhisperConfig(Settings):
    """How to recognise with a Whisper model. Log-probabilities and evidence are means in nats a token.

    First pass: a beam search of `first_beam` beams over all pieces. With `two_views`, the separated vocals, slowed down
    by the factor `slowdown`, are decoded together with the mix. At most `max_repeats` repetitions of a phrase in a row
    and `tokens_per_s` tokens a second.

    Second pass, if `second_pass`, over pieces whose log-probability is below `retry_below`: `beam_width` beams,
    contrastive decoding that subtracts `contrast` times the logits for noise among tokens within `plausibility` nats of
    the best, and up to `context_tokens` of the most reliable text as context. Of the two texts, the one with more
    evidence is taken.

    Evidence is how much more probable a text is with the audio than with noise. A text of at least `sure_evidence` is
    kept. Another one is dropped where the vocals over its words are below `min_voice_db` relative to the mix, and where
    its evidence is below `min_evidence` and, in English, the CTC model finds its letters less than `min_letters` nats a
    letter more probable than silence. If less than `min_share` of a song's words are kept, only sure ones are. In kept
    texts, runs of `loop_words` words with less than `loop_evidence` are dropped as loops.
    """

    beam_width: Natural = 5
    first_beam: Natural = 3
    contrast: AtLeastZero = 0.3
    _: KW_ONLY
    two_views: bool = True
    second_pass: bool = True
    plausibility: AtLeastZero = 3.0
    max_repeats: Natural = 3
    tokens_per_s: Positive = 7.0
    slowdown: Positive = 1.06
    context_tokens: Count = 100
    retry_below: float = -0.25
    sure_evidence: float = 3.5
    min_evidence: float = 1.5
    min_letters: float = 0.5
    min_voice_db: float = -15.0
    min_share: Share = 1 / 3
    loop_words: Natural = 8
    loop_evidence: float = 0.25
