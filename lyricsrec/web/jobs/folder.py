"""The files of a job, in a folder named after its id."""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lyricsrec.base.output import write_text
from lyricsrec.separation.base import STEMS, StemName
from lyricsrec.separation.stems.files import stem_file
from lyricsrec.web.jobs.job import FollowUpName

_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_SHIFTED = "shifted."
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")


def new_id() -> str:
    """A new job id: 128 random bits, which cannot be guessed."""
    return secrets.token_urlsafe(16)


def is_id(text: str) -> bool:
    """Whether a text is a well-formed job id, and therefore safe as a folder name."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True)
class JobFolder:
    """The folder `jobs/ID` of a data folder `root`. Raises ValueError for a malformed id."""

    root: Path
    id: str

    def __post_init__(self) -> None:
        if not is_id(self.id):
            raise ValueError("not a job id")

    @property
    def path(self) -> Path:
        """The path of the folder."""
        return self.root / "jobs" / self.id

    @property
    def song(self) -> Path | None:
        """The uploaded song, None while there is none."""
        return next((path for path in _entries(self.path) if path.stem == "song"), None)

    def song_with_suffix(self, suffix: str) -> Path:
        """Path for the uploaded song, with the file suffix of its type. Raises ValueError for a malformed suffix."""
        if not _SUFFIX.fullmatch(suffix):
            raise ValueError("not a file suffix")
        return self.path / f"song{suffix}"

    @property
    def lyrics(self) -> Path:
        """The given lyrics of an `align` job, as they were sent."""
        return self.path / "lyrics.txt"

    @property
    def transcript(self) -> Path:
        """The recognised or timed lyrics."""
        return self.path / "transcript.json"

    @property
    def edited(self) -> Path:
        """The lyrics with the user's corrections."""
        return self.path / "edited.json"

    @property
    def peaks(self) -> Path:
        """The waveform of the song."""
        return self.path / "peaks.json"

    def drawing(self, kind: str, track: str) -> Path:
        """What the page draws of a track; for the waveform of the song see `peaks`."""
        return self.path / f"{kind}.{track}.json"

    @property
    def playable(self) -> Path:
        """A FLAC copy for browsers that cannot play the upload; absent where they can."""
        return self.path / "playable.flac"

    @property
    def stems(self) -> Path:
        """Common prefix of the paths of both stems."""
        return self.path / "stems"

    def stem(self, stem: StemName) -> Path:
        """The file of a stem."""
        old = self.path / "stems.accompaniment.flac"
        return old if stem == "instrumental" and old.is_file() else stem_file(self.stems, stem)

    @property
    def stems_found(self) -> list[StemName]:
        """The stems whose files exist."""
        return [stem for stem in STEMS if self.stem(stem).is_file()]

    def shifted(self, stem: StemName, semitones: int, tempo: int) -> Path:
        """The file of a stem in another key, by semitones, and tempo, in percent."""
        return self.path / f"{_SHIFTED}{stem}.{semitones:+d}.{tempo}.flac"

    def all_shifted(self) -> list[Path]:
        """All files of `shifted`."""
        return [path for path in _entries(self.path) if path.name.startswith(_SHIFTED)]

    @property
    def stems_note(self) -> Path:
        """Why stems are missing, once they were made; the text is empty where both exist."""
        return self.path / "stems.txt"

    def follow_up(self, name: FollowUpName) -> Path:
        """What was found in the song on request, such as its melody."""
        return self.path / f"found.{name}.json"

    def follow_up_note(self, name: FollowUpName) -> Path:
        """Why that could not be found, for display; absent where it was, or was never looked for."""
        return self.path / f"found.{name}.txt"

    @property
    def language(self) -> Path:
        """The code of the language of the lyrics, where it was found."""
        return self.path / "language.txt"

    @property
    def untimed(self) -> Path:
        """Corrected lyrics some of whose words are to be timed."""
        return self.path / "untimed.json"

    @property
    def retimed(self) -> Path:
        """The same lyrics with times for all words, or why there are none, as `work.retiming` writes it."""
        return self.path / "retimed.json"

    @property
    def warning(self) -> Path:
        """What puts the lyrics as a whole in doubt, for display; absent where nothing does."""
        return self.path / "warning.txt"

    @property
    def leaving(self) -> Path:
        """When corrected lyrics will be removed for want of space, as a time of the Unix epoch; absent otherwise."""
        return self.path / "leaving.txt"

    @property
    def leaves_at(self) -> float | None:
        """The time in `leaving`, None where there is none."""
        try:
            return float(self.leaving.read_text("utf-8"))
        except (OSError, ValueError):
            return None

    def size_bytes(self) -> int:
        """Total size of all files."""
        return sum(size for _, size in _stats(_entries(self.path)))

    def changed_at(self) -> float:
        """Time of the last change in it, in seconds of the Unix epoch; 0 if it does not exist."""
        return max((time for time, _ in _stats([self.path, *_entries(self.path)])), default=0.0)

    def make(self) -> None:
        """Create the folder if needed."""
        self.path.parent.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.parent.mkdir(exist_ok=True, mode=0o700)
        self.path.mkdir(exist_ok=True, mode=0o700)

    def remove(self) -> None:
        """Remove the folder with all its files, if it exists."""
        shutil.rmtree(self.path, ignore_errors=True)


@contextlib.contextmanager
def put_aside(path: Path) -> Iterator[None]:
    """Remove a small text file, if it exists, before the block; it is written again where the block fails."""
    before = text_of(path)
    path.unlink(missing_ok=True)
    try:
        yield
    except Exception:
        if before is not None:
            write_text(path, before)
        raise


def text_of(path: Path) -> str | None:
    """The text of a file, None where it is missing or empty."""
    try:
        return path.read_text("utf-8") or None
    except OSError:
        return None


def folders(root: Path) -> list[JobFolder]:
    """All job folders of a data folder."""
    return [JobFolder(root, path.name) for path in _entries(root / "jobs") if is_id(path.name)]


def _entries(folder: Path) -> list[Path]:
    # Other processes remove jobs at any time, and Path.glob raises in some Python versions when a folder vanishes.
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _stats(paths: Iterable[Path]) -> Iterator[tuple[float, int]]:
    for path in paths:
        try:
            found = path.stat()
        except FileNotFoundError:
            continue
        yield found.st_mtime, found.st_size
