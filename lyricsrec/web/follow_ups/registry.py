"""Every kind of follow-up work: one more is one file, its name in `FollowUpName` and one row here."""

from __future__ import annotations

from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.web.follow_ups.base import FollowUp
from lyricsrec.web.follow_ups.chords import CHORDS
from lyricsrec.web.follow_ups.melody import MELODY
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.job import FollowUpName

# Chords come first: their beats are those of the whole song.
FOLLOW_UPS: dict[FollowUpName, FollowUp] = {found.name: found for found in (CHORDS, MELODY)}


def found_in(folder: JobFolder) -> list[FollowUpName]:
    """The names of those whose results a job has."""
    return [name for name in FOLLOW_UPS if folder.follow_up(name).is_file()]


def with_follow_ups(transcript: Transcript, folder: JobFolder) -> Transcript:
    """A transcript with all that was found in its song."""
    for name in found_in(folder):
        transcript = FOLLOW_UPS[name].add(transcript, folder.follow_up(name))
    return transcript
