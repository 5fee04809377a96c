"""Every kind of follow-up work: one more is one file, its name in `FollowUpName` and one row here."""

from __future__ import annotations

import logging

from pydantic import ValidationError

from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.web.follow_ups.base import FollowUp
from lyricsrec.web.follow_ups.chords import CHORDS
from lyricsrec.web.follow_ups.melody import MELODY
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.job import FollowUpName

_LOG = logging.getLogger("lyricsrec.web")

# Chords come first: their beats are those of the whole song.
FOLLOW_UPS: dict[FollowUpName, FollowUp] = {found.name: found for found in (CHORDS, MELODY)}


def found_in(folder: JobFolder) -> list[FollowUpName]:
    """The names of those whose results a job has."""
    return [name for name in FOLLOW_UPS if folder.follow_up(name).is_file()]


def with_follow_ups(transcript: Transcript, folder: JobFolder) -> Transcript:
    """A transcript with all that was found in its song; what cannot be used is left out."""
    for name in found_in(folder):
        transcript = with_follow_up(transcript, folder, name) or transcript
    return transcript


def with_follow_up(transcript: Transcript, folder: JobFolder, name: FollowUpName) -> Transcript | None:
    """A transcript with one thing that was found; None where it cannot be used.

    A damaged file is removed, so that it can be asked for again.
    """
    path = folder.follow_up(name)
    try:
        return FOLLOW_UPS[name].add(transcript, path)
    except OSError:
        return None
    except ValidationError:
        _LOG.warning("job %s: the file of its %s is damaged; it was removed", folder.id, name)
        path.unlink(missing_ok=True)
        return None
