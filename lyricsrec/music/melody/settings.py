"""Settings of notes: what a change of pitch, an onset and a short note cost."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from lyricsrec.base.settings import AtLeastZero, Positive, Settings, Share


@dataclass(frozen=True)
class MelodyConfig(Settings):
    """How a melody is cut into notes.

    Costs are in semitones off the pitch times frames of 16 ms. `step_cost` is that of a second note in a syllable;
    `onset_gain` is taken off at the strongest onset. `free_step_cost` and `free_onset_gain` are those where there are
    no words. `short_cost` is that of a note of no length, and falls to 0 at `short_s`. `uneven_cost` is that of a
    syllable that begins a mean syllable away from where its letters put it. Frames below `min_confidence` count as
    unvoiced. The pitch of a word is looked for `lag_s` after it, since its consonants come first. The note of a word
    of one syllable begins with the word unless the voice is later by `late_s`; without words, the voice has a new
    stretch after `pause_s`. The contour has no pitch farther than `near_s` from a word.
    """

    _: KW_ONLY
    step_cost: AtLeastZero = 12.0
    onset_gain: AtLeastZero = 12.0
    free_step_cost: AtLeastZero = 5.0
    free_onset_gain: AtLeastZero = 6.0
    short_cost: AtLeastZero = 12.0
    short_s: Positive = 0.12
    uneven_cost: AtLeastZero = 3.0
    min_confidence: Share = 0.5
    lag_s: AtLeastZero = 0.05
    late_s: AtLeastZero = 0.3
    pause_s: Positive = 0.1
    near_s: AtLeastZero = 0.3
