"""Files of stems: names, formats, and what is left when writing fails."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lyricsrec.audio.audio import Audio
from lyricsrec.base.errors import OutputError
from lyricsrec.separation.base import Stems
from lyricsrec.separation.settings import StemFormat
from lyricsrec.separation.stems import files as stem_files
from lyricsrec.separation.stems.files import StemWriter, is_stem_file, stem_file

RATE = 44_100


def stems(seconds: float, start_s: float = 0.0) -> Stems:
    t = np.arange(round(seconds * RATE)) / RATE
    voice, band = (np.stack([0.3 * np.sin(2 * np.pi * hz * t)] * 2).astype(np.float32) for hz in (440, 110))
    return Stems(Audio(voice, RATE, start_s), Audio(band, RATE, start_s))


@pytest.mark.parametrize(
    ("form", "subtype", "error"), [("flac", "PCM_24", 1e-6), ("wav", "PCM_24", 1e-6), ("mp3", "MPEG_LAYER_III", 0.02)]
)
def test_every_format_holds_the_stems(tmp_path: Path, form: StemFormat, subtype: str, error: float) -> None:
    with StemWriter(tmp_path / "new" / "a.song", form) as writer:
        writer.write(stems(1.0))
        writer.write(stems(1.0, 1.0))
        assert not list((tmp_path / "new").glob("a*"))
        found = writer.finish()
    assert found.missing == {}
    assert list(found.paths) == ["vocals", "instrumental"]
    for stem, audio in (("vocals", stems(1.0).vocals), ("instrumental", stems(1.0).instrumental)):
        path = found.paths[stem]
        assert path == tmp_path / "new" / f"a.song.{stem}.{form}" == stem_file(tmp_path / "new" / "a.song", stem, form)
        assert is_stem_file(path)
        assert soundfile.info(path).subtype == subtype
        samples = soundfile.read(path)[0].T
        assert samples == pytest.approx(np.concatenate([audio.samples] * 2, axis=1), abs=error)
    assert len(list((tmp_path / "new").iterdir())) == 2


def test_a_stem_that_is_not_worth_it_is_left_out_unless_all_are_kept(tmp_path: Path) -> None:
    voice = stems(1.0).vocals
    alone = Stems(voice, Audio(0 * voice.samples, RATE))
    for keeps_all, names in ((False, ["a.vocals.flac"]), (True, ["a.instrumental.flac", "a.vocals.flac"])):
        with StemWriter(tmp_path / "a", keeps_all=keeps_all) as writer:
            writer.write(alone)
            missing = writer.finish().missing
        assert missing == ({} if keeps_all else {"instrumental": "nothing but the voice was found"})
        assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_samples_beyond_full_scale_are_clipped(tmp_path: Path) -> None:
    loud = Audio(np.full((2, 100), 1.5, np.float32), RATE)
    with StemWriter(tmp_path / "a") as writer:
        writer.write(Stems(loud, loud))
        path = writer.finish().paths["vocals"]
    assert soundfile.read(path)[0].max() == pytest.approx(1.0, abs=1e-6)


def write(base: Path, form: StemFormat = "flac", spoil: Callable[[StemWriter], None] = lambda _: None) -> None:
    with StemWriter(base, form) as writer:
        for start_s in (0.0, 1.0):
            writer.write(stems(1.0, start_s))
        spoil(writer)
        writer.finish()


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_error_leaves_nothing_and_what_was_there(tmp_path: Path, error: type[BaseException]) -> None:
    def interrupt(_: StemWriter) -> None:
        raise error

    stem_file(tmp_path / "a", "vocals").write_bytes(b"before")
    with pytest.raises(error):
        write(tmp_path / "a", spoil=interrupt)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"cannot write .*file/a.vocals.flac"):
        write(tmp_path / "file" / "a")


@pytest.mark.parametrize("form", ["flac", "wav", "mp3"])
def test_a_file_whose_end_is_missing_is_not_kept(tmp_path: Path, form: StemFormat) -> None:
    def lose_the_end(writer: StemWriter) -> None:
        # The disk filled up when the file was closed, which libsndfile does not report.
        file = writer._files["vocals"]

        def lossy() -> None:
            del file.close
            file.close()
            path = writer._temporary["vocals"]
            os.truncate(path, path.stat().st_size - 500)

        file.close = lossy

    with pytest.raises(OutputError, match=rf"a.vocals.{form} \(its end is missing\)"):
        write(tmp_path / "a", form, lose_the_end)
    assert not list(tmp_path.iterdir())


def test_a_wav_file_does_not_outgrow_its_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoding = stem_files._ENCODINGS["wav"]
    monkeypatch.setitem(stem_files._ENCODINGS, "wav", replace(encoding, max_frames=RATE + 1))
    with pytest.raises(OutputError, match="holds at most 4 GiB"):
        write(tmp_path / "a", "wav")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.vocals.flac", True), ("a.instrumental.mp3", True), ("vocals.flac", False), ("a.vocals.ogg", False)],
)
def test_names_of_stems(name: str, expected: bool) -> None:
    assert is_stem_file(Path(name)) is expected
