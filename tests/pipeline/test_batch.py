from pathlib import Path

import numpy as np
import pytest
from helpers.sounds import write_song

from lyricsrec.audio.inputs import SongInput, find_songs
from lyricsrec.audio.media import Song
from lyricsrec.base.errors import AudioError, ModelError, OutputError, UsageError
from lyricsrec.base.output import replacing
from lyricsrec.base.progress import SILENT
from lyricsrec.formats.registry import OUTPUT_FORMATS
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word
from lyricsrec.pipeline.batch import OutputPlan, plan_output, result_names, transcribe_songs


class FakePipeline:
    """Reads a song to its end and returns its title."""

    def transcribe(self, song: Song, *, progress: object = None, stems: Path | None = None) -> Transcript:
        duration_s = sum(block.duration_s for block in song.blocks())
        line = Line((Word(song.title, 0.0, duration_s),))
        return Transcript(song.title, duration_s, (line,), provenance=Provenance("0", "none", "fake", decoder="none"))


def run(arguments: list[Path | str], plan: OutputPlan) -> list[tuple[str, str]]:
    outcomes = transcribe_songs(find_songs([str(a) for a in arguments]), FakePipeline, plan, SILENT)
    return [
        (Path(o.song.name).name, type(o.error).__name__ if o.error else "done" if o.transcript else "skipped")
        for o in outcomes
    ]


def song(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_song(path, np.full((4410, 2), 0.1, np.float32))


def test_folders_are_searched_in_order_and_mirrored(tmp_path: Path) -> None:
    for name in ("b.wav", "a/one.wav", "a/.hidden.wav", ".git/x.wav"):
        song(tmp_path / "in" / name)
    (tmp_path / "in" / "notes.txt").write_text("no song")
    plan = plan_output(["txt", "json"], tmp_path / "out", 2)
    assert run([tmp_path / "in"], plan) == [("one.wav", "done"), ("b.wav", "done")]
    files = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert files == ["a/one.json", "a/one.txt", "b.json", "b.txt"]
    assert (tmp_path / "out" / "b.txt").read_text() == "b\n"


def test_one_bad_song_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "bad.mp3").write_text("no music")
    (tmp_path / "empty").mkdir()
    arguments = [tmp_path / "bad.mp3", tmp_path / "missing.wav", tmp_path / "empty", song(tmp_path / "good.wav")]
    plan = plan_output([], tmp_path / "out", 4)
    assert [what for _, what in run(arguments, plan)] == ["AudioError"] * 3 + ["done"]
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["good.txt"]


def test_a_song_that_breaks_a_stage_does_not_stop_the_others(tmp_path: Path) -> None:
    class Fragile(FakePipeline):
        def transcribe(self, song: Song, *, progress: object = None, stems: Path | None = None) -> Transcript:
            if song.title == "huge":
                raise RuntimeError("out of memory\nand a long story")
            return super().transcribe(song)

    songs = find_songs([str(song(tmp_path / "huge.wav")), str(song(tmp_path / "small.wav"))])
    outcomes = list(transcribe_songs(songs, Fragile, plan_output([], None, 2), SILENT))
    assert str(outcomes[0].error).endswith("huge.wav: failed (out of memory)")
    assert outcomes[1].transcript is not None


def test_existing_results_are_skipped_only_when_complete(tmp_path: Path) -> None:
    songs = [song(tmp_path / "x.wav"), song(tmp_path / "y.wav")]
    plan = plan_output(["txt", "lrc"], tmp_path / "out", 2, skip_existing=True)
    (tmp_path / "out").mkdir()
    for name in ("x.txt", "x.lrc", "y.txt"):
        (tmp_path / "out" / name).write_text("old")
    assert run(songs, plan) == [("x.wav", "skipped"), ("y.wav", "done")]
    assert (tmp_path / "out" / "x.txt").read_text() == "old"


def test_thousands_of_equal_names_take_no_time() -> None:
    songs = [SongInput("a", Path("a"), Path("audio.mp3"))] * 20_000
    names = result_names(songs)
    assert [str(names[i]) for i in (0, 1, 19_999)] == ["audio.mp3", "audio.mp3 (2)", "audio.mp3 (20000)"]
    assert len(set(names)) == 20_000


def test_result_names_are_unique() -> None:
    songs = [
        SongInput(name, Path(name), Path(name))
        for name in ("a.mp3", "a.wav", "b.mp3", "b.mp3", "Mr. X", "c d\u00e9\n.ogg")
    ]
    assert [str(name) for name in result_names(songs)] == [
        "a.mp3",
        "a.wav",
        "b.mp3",
        "b.mp3 (2)",
        "Mr. X",
        "c d\u00e9\n",
    ]


def test_a_model_that_cannot_be_loaded_ends_the_batch(tmp_path: Path) -> None:
    def load() -> FakePipeline:
        raise ModelError("no such model")

    with pytest.raises(ModelError):
        list(transcribe_songs(find_songs([str(song(tmp_path / "x.wav"))]), load, plan_output([], None, 1), SILENT))


@pytest.mark.parametrize(
    ("formats", "output", "songs", "expected"),
    [
        ([], None, 3, ("txt", None, None)),
        (["json"], None, 1, ("json", None, None)),
        ([], "out", 1, ("txt", None, "out")),
        (["lrc"], "out", 2, ("lrc", None, "out")),
        ([], "song.lrc", 1, ("lrc", "song.lrc", None)),
        (["elrc"], "song.lrc", 1, ("elrc", "song.lrc", None)),
        (["srt"], "song.sub", 1, ("srt", "song.sub", None)),
        ([], "my.songs", 2, ("txt", None, "my.songs")),
    ],
)
def test_output_plans(formats: list[str], output: str | None, songs: int, expected: tuple) -> None:
    plan = plan_output(formats, Path(output) if output else None, songs)
    found = (plan.formats[0].name, str(plan.file) if plan.file else None, str(plan.folder) if plan.folder else None)
    assert found == expected


@pytest.mark.parametrize(
    ("formats", "output", "songs", "skip"),
    [
        (["txt", "lrc"], None, 1, False),
        (["txt", "lrc"], "a.lrc", 1, False),
        ([], "a.lrc", 2, False),
        (["doc"], "out", 1, False),
        ([], None, 1, True),
    ],
)
def test_invalid_output_plans(formats: list[str], output: str | None, songs: int, skip: bool) -> None:
    with pytest.raises(UsageError):
        plan_output(formats, Path(output) if output else None, songs, skip_existing=skip)


def test_a_folder_that_cannot_be_written_is_reported_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot write into"):
        run([song(tmp_path / "x.wav")], plan_output([], tmp_path / "file" / "out", 1))


def test_replacing_is_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("before")

    def fail() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]
    assert path.read_text() == "before"
    with pytest.raises(OutputError, match="cannot write"), replacing(path) as temporary:
        raise OSError(28, "No space left on device")
    assert not temporary.exists()
    assert path.read_text() == "before"


def test_every_format_has_its_own_suffix() -> None:
    assert len({form.suffix for form in OUTPUT_FORMATS.values()}) == len(OUTPUT_FORMATS)
    assert AudioError("x").hint is None
