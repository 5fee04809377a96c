"""Word errors that add up: a rate over many texts is that of their sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from lyricsrec.lyrics.normalise import ProfileName, normalized_words


@dataclass(frozen=True)
class Edits:
    """Words that are right, and the fewest substitutions, deletions and insertions that mend the rest."""

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
        """All that is wrong."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def num_words(self) -> int:
        """Words of the reference."""
        return self.hits + self.substitutions + self.deletions

    @property
    def wer(self) -> float:
        """The word error rate, as a share: errors a word of the reference."""
        return self.num_errors / max(self.num_words, 1)


def count_edits(references: Sequence[str], hypotheses: Sequence[str], profile: ProfileName) -> Edits:
    """The word edits of all texts together, under a normaliser profile. Any text may be empty."""
    import jiwer

    right, read = ([" ".join(normalized_words(text, profile)) for text in texts] for texts in (references, hypotheses))
    found = jiwer.process_words(right, read)
    return Edits(found.hits, found.substitutions, found.deletions, insertions=found.insertions)
