"""Word error rate: edits are summed over texts, then divided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from lyricsrec.lyrics.normalise import ProfileName, normalized_words


@dataclass(frozen=True)
class Edits:
    """Correct words (`hits`), and the fewest edits between a hypothesis and its reference."""

    hits: int = 0
    substitutions: int = 0
    deletions: int = 0
    _: KW_ONLY
    insertions: int = 0

    def __add__(self, other: Edits) -> Edits:
        return Edits(
            self.hits + other.hits,
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            insertions=self.insertions + other.insertions,
        )

    @property
    def num_errors(self) -> int:
        """Substitutions, deletions and insertions."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def num_words(self) -> int:
        """The number of words in the reference."""
        return self.hits + self.substitutions + self.deletions

    @property
    def wer(self) -> float:
        """The word error rate: errors divided by the words of the reference."""
        return self.num_errors / max(self.num_words, 1)


def count_edits(references: Sequence[str], hypotheses: Sequence[str], profile: ProfileName) -> Edits:
    """The word edits of all texts together, under a normaliser profile. Any text may be empty."""
    import jiwer

    reference, hypothesis = (
        [" ".join(normalized_words(text, profile)) for text in texts] for texts in (references, hypotheses)
    )
    found = jiwer.process_words(reference, hypothesis)
    return Edits(found.hits, found.substitutions, found.deletions, insertions=found.insertions)
