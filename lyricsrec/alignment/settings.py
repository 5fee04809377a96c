"""How known lyrics are laid over a song."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass


@dataclass(frozen=True)
class AlignConfig:
    """What the path through a song pays, in nats a frame unless said otherwise.

    `language` (its English name) says in which language digits are spelled.

    Evidence: each symbol's log-probability less `prior` times the log of its mean over the song; higher values keep a
    rare letter from being drowned by blanks, and make letters of noise. A letter costs at most `letter_price`: lower
    values forgive misheard and wrong words, higher ones hold on to what was heard.

    Everything else that sounds may pass between words at no more than `word_gap_price`, between lines at no more than
    `line_gap_price` (ad-libs, backing vocals, verses that the text lacks): lower values let lines be pressed together
    elsewhere, higher ones press words into breaks. Waiting inside a word costs `word_pause`, inside a line
    `line_pause`, so that no word stretches over a break.

    A line may be left out for `skip_line` and `skip_letter` for each of its letters (nats): lower values leave out
    foreign lines and lines that were hardly heard.

    Hints: a word starts `hint_spread_s` away from its given time for 1 nat, twice as far for 2, and anywhere for
    `hint_price` nats.

    Certainty: the share of a word's possible places, weighed by `sharpness` times the nats of the best path over each,
    that lies within `near_s` of where it was put. A line's score is that of its words, times how well it was heard: a
    half where its letters bring `letter_evidence` nats each. From `sure` and `likely` on it is in these bands; it has
    no place where it was heard less than `least_heard`, or where the mean score of all lines is below `least_of_song`
    and they were heard less than `heard_song` on the whole, or below `chance_of_song` anyhow: another song, or no
    singing.

    Recognisers hear at overlaps of `overlap_s`; half of it is given up on each side. `lead_s` is how much earlier than
    the first frame of its first letter a word starts. `max_cells` (frames times words) bounds the memory: a song with
    more of them is cut where the path surely passes between two lines; 12 bytes each.
    """

    language: str | None = "english"
    prior: float = 0.5
    letter_price: float = 6.0
    _: KW_ONLY
    word_gap_price: float = 4.0
    line_gap_price: float = 1.75
    word_pause: float = 0.05
    line_pause: float = 0.02
    skip_line: float = 10.0
    skip_letter: float = 1.75
    hint_spread_s: float = 1.0
    hint_price: float = 8.0
    sharpness: float = 0.5
    near_s: float = 0.3
    sure: float = 0.9
    likely: float = 0.6
    letter_evidence: float = -1.2
    least_heard: float = 0.1
    least_of_song: float = 0.35
    heard_song: float = 0.8
    chance_of_song: float = 0.12
    overlap_s: float = 5.0
    lead_s: float = 0.0
    max_cells: int = 12_000_000
