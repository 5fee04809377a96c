"""The order of the stages: planted results come out at the right place."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from helpers.progress import Warnings
from helpers.sounds import chord, write_song
from helpers.tiny_models import tiny_htdemucs

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.media import open_song
from lyricsrec.audio.segment import segment
from lyricsrec.audio.settings import SegmentConfig
from lyricsrec.base.device import Compute
from lyricsrec.base.progress import Report, Silent, ignore
from lyricsrec.decoding.emission import Emission, Vocabulary, average
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.lyrics.lines import LineConfig
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word
from lyricsrec.models.resolve import LocalModel
from lyricsrec.pipeline.pipeline import Pipeline
from lyricsrec.recognition.acoustic import AcousticModel, to_recognizer
from lyricsrec.recognition.base import Piece, RecognizedPiece, WordEvidence
from lyricsrec.recognition.confidence import ConfidenceModel
from lyricsrec.recognition.ctc import CtcRecognizer, load_ctc
from lyricsrec.separation.base import NoSeparator, Stems, stems_of
from lyricsrec.separation.demucs import DemucsSeparator
from lyricsrec.separation.settings import SeparateConfig
from lyricsrec.separation.stems.files import StemWriter
from lyricsrec.separation.vocal_net import VocalNet

CPU = Compute("cpu", "float32")
PROVENANCE = Provenance("0", "none", "planted", decoder="greedy")
LABELS = ("-", "|", *"ADEFHMORSWY")
VOCABULARY = Vocabulary(LABELS, blank=0, space=1)


class Planted:
    """Spells `line` in every piece, one letter every 0.1 s from the piece's start."""

    name = "planted"
    longest_s = 30.0
    vocabulary = VOCABULARY

    def __init__(self, line: str) -> None:
        self.line = line
        self.pieces: list[Piece] = []

    def recognize(
        self, pieces: Sequence[Piece], report: Report = ignore, *, language: str | None = None
    ) -> Iterator[Emission | RecognizedPiece]:
        for piece in pieces:
            self.pieces.append(piece)
            log_probs = np.full((5 * len(self.line), len(LABELS)), -9.0, np.float32)
            for i, letter in enumerate(self.line):
                log_probs[5 * i : 5 * i + 4, LABELS.index(letter)] = -0.01
                log_probs[5 * i + 4, 0] = -0.01
            yield Emission(log_probs, 0.02, piece.voice.start_s, vocabulary=VOCABULARY)
            report(piece.voice.end_s)


def pipeline(recognizer: object, config: SegmentConfig | None = None, decode: DecodeConfig | None = None) -> Pipeline:
    return Pipeline(
        NoSeparator(),
        to_recognizer,
        lambda voice: segment(voice, config or SegmentConfig()),
        recognizer=recognizer,
        decoder=make_decoder(VOCABULARY, decode or DecodeConfig()),
        lines=LineConfig(),
        provenance=PROVENANCE,
    )


@pytest.mark.parametrize("decode", [DecodeConfig(), DecodeConfig(beam_width=10)])
def test_a_planted_line_comes_out_with_its_times(tone: Path, decode: DecodeConfig) -> None:
    transcript = pipeline(Planted("SO|FAR|AWAY"), decode=decode).transcribe(tone)
    assert transcript.text == "so far away"
    times = [(word.start_s, word.end_s) for word in transcript.words]
    assert times == [pytest.approx(t) for t in [(0.0, 0.18), (0.3, 0.58), (0.7, 1.08)]]
    assert all(word.confidence == pytest.approx(0.99, abs=0.01) for word in transcript.words)
    assert (transcript.song, transcript.duration_s, transcript.provenance) == ("tone", 3.0, PROVENANCE)


def test_every_piece_is_recognized_once_at_its_position(tmp_path: Path) -> None:
    rests = np.zeros((3 * 44_100, 2), np.float32)
    song = np.concatenate([rests, chord(5.0), rests, chord(20.0), rests, chord(4.0)])
    recognizer = Planted("HOME")
    transcript = pipeline(recognizer).transcribe(write_song(tmp_path / "song.wav", song))
    starts = [word.start_s for word in transcript.words]
    assert starts == [pytest.approx(t, abs=0.05) for t in (2.75, 10.75, 33.75)]
    assert [line.text for line in transcript.lines] == ["home"] * 3
    assert sum(piece.voice.duration_s for piece in recognizer.pieces) == pytest.approx(29 + 5 * 0.25, abs=0.2)


def test_a_short_clip_gets_exactly_the_emission_that_training_computes(ctc_folder: Path, tmp_path: Path) -> None:
    recognizer = load_ctc(LocalModel("tiny", "ctc", ctc_folder), CPU)
    net = VocalNet([tiny_htdemucs()], [1.0]).eval()
    emissions: list[Emission] = []

    class Watched(CtcRecognizer):
        def emission(self, piece: Audio) -> Emission:
            emissions.append(recognizer.emission(piece))
            return emissions[-1]

    watched = Watched("tiny", recognizer.net, recognizer.vocabulary, CPU, None)
    song = chord(1.9)
    stages = Pipeline(
        DemucsSeparator("tiny", net, SeparateConfig(), CPU),
        to_recognizer,
        lambda voice: segment(voice, SegmentConfig()),
        recognizer=watched,
        decoder=make_decoder(recognizer.vocabulary, DecodeConfig()),
        lines=LineConfig(),
        provenance=PROVENANCE,
    )
    stages.transcribe(write_song(tmp_path / "clip.wav", song, subtype="FLOAT"))
    joint = AcousticModel(net, recognizer.net, 44_100).eval()
    with torch.inference_mode():
        trained = joint(torch.from_numpy(song.T.copy())[None])[0].numpy()
    assert len(emissions) == 1
    assert emissions[0].log_probs.shape == trained.shape
    assert emissions[0].log_probs == pytest.approx(trained, abs=1e-4)


def test_gradients_of_the_joint_path_reach_the_first_layer_of_demucs(ctc_folder: Path) -> None:
    net = VocalNet([tiny_htdemucs()], [1.0]).eval()
    joint = AcousticModel(net, load_ctc(LocalModel("tiny", "ctc", ctc_folder), CPU).net, 44_100)
    joint(torch.from_numpy(chord(1.0).T.copy())[None]).sum().backward()
    first = next(net.models[0].encoder[0].conv.parameters())
    assert first.grad is not None
    assert first.grad.abs().sum() > 0


def test_silence_gives_no_words_and_no_error(tmp_path: Path) -> None:
    path = write_song(tmp_path / "silence.wav", np.zeros((44_100, 2), np.float32))
    transcript = pipeline(Planted("HOME")).transcribe(path)
    assert (transcript.lines, transcript.duration_s) == ((), 1.0)


def test_words_are_in_order_within_the_song_and_do_not_overlap(tone: Path) -> None:
    class Confused:
        vocabulary = VOCABULARY
        name, longest_s = "confused", 30.0

        def recognize(
            self, pieces: Sequence[Piece], report: Report = ignore, *, language: str | None = None
        ) -> Iterator[RecognizedPiece]:
            times = [(0.5, 2.0), (1.0, 0.8), (0.2, 0.4), (None, None), (2.9, 9.0)]
            yield RecognizedPiece(tuple(Word("x", a, b) for a, b in times), ("a remark",))

    transcript = pipeline(Confused()).transcribe(tone)
    assert [(w.start_s, w.end_s) for w in transcript.words] == [
        (0.5, 1.0),
        (1.0, 1.0),
        (1.0, 1.0),
        (None, None),
        (2.9, 3.0),
    ]
    assert transcript.notes == ("a remark",)


def test_words_of_a_recognizer_are_timed_piece_by_piece(tmp_path: Path) -> None:
    class TextNormalizer(Planted):
        def recognize(
            self, pieces: Sequence[Piece], report: Report = ignore, *, language: str | None = None
        ) -> Iterator[RecognizedPiece]:
            for i, piece in enumerate(pieces):
                yield RecognizedPiece((Word(f"word{i}", piece.mix.start_s, piece.mix.end_s),), (f"remark {i}",), "en")

    class Later:
        name = "later"

        def time(self, result: RecognizedPiece, piece: Piece) -> tuple[Word, ...]:
            assert result.language == "en"
            return tuple(
                replace(word, start_s=piece.mix.start_s + 1, end_s=piece.mix.start_s + 2) for word in result.words
            )

    reported: list[float] = []

    class Watch(Silent):
        def update(self, stage: str, done: float, total: float | None) -> None:
            reported.extend([done] if stage == "timing" else [])

    song = np.concatenate([chord(4.0), np.zeros((3 * 44_100, 2), np.float32), chord(40.0)])
    stages = replace(pipeline(TextNormalizer("")), timer=Later())
    transcript = stages.transcribe(write_song(tmp_path / "song.wav", song), progress=Watch())
    begin_s = [word.start_s - 1 for word in transcript.words]
    assert [word.text for word in transcript.words] == ["word0", "word1", "word2"]
    assert begin_s[:2] == [0.0, pytest.approx(6.8, abs=0.05)]
    assert [word.end_s - word.start_s for word in transcript.words] == [pytest.approx(1)] * 3
    assert transcript.notes == ("remark 0", "remark 1", "remark 2")
    # Before and after each piece.
    assert reported[::2] == pytest.approx(begin_s)
    assert reported[-1] == pytest.approx(47.0, abs=0.01)


class Home(Planted):
    """Recognises "home" in each piece, with evidence or without."""

    def __init__(self, *, has_evidence: bool) -> None:
        super().__init__("")
        self.has_evidence = has_evidence

    def recognize(
        self, pieces: Sequence[Piece], report: Report = ignore, *, language: str | None = None
    ) -> Iterator[RecognizedPiece]:
        found = (WordEvidence(-0.5, 3.0, 1.0, piece_log_prob=-0.5, piece_evidence=3.0, is_sure=True),)
        for piece in pieces:
            word = Word("home", piece.mix.start_s, piece.mix.end_s)
            yield RecognizedPiece((word,), (), "en", evidence=found if self.has_evidence else ())


@pytest.mark.parametrize(("has_evidence", "confidence"), [(True, 0.8), (False, None)])
def test_confidences_come_from_the_evidence_for_words(
    tone: Path, *, has_evidence: bool, confidence: float | None
) -> None:
    model = ConfidenceModel({"english": math.log(4), "disagreement": -9.0}, 0.0, 0.7)
    transcript = replace(pipeline(Home(has_evidence=has_evidence)), confidence=model).transcribe(tone)
    assert [word.confidence for word in transcript.words] == [confidence]


@pytest.mark.parametrize(("odds", "text"), [(0.10, ""), (0.12, "home")])
def test_words_are_dropped_where_all_of_a_song_are_almost_certainly_wrong(tone: Path, odds: float, text: str) -> None:
    model = ConfidenceModel({}, math.log(odds), 0.7)
    transcript = replace(pipeline(Home(has_evidence=True)), confidence=model).transcribe(tone)
    assert transcript.text == text
    notes = () if text else ('dropped "home": no word is likely, so probably nobody sings',)
    assert transcript.notes == notes


def test_stems_are_written_and_progress_reaches_the_end(tmp_path: Path, tone: Path) -> None:
    done: dict[str, float] = {}

    class Watch:
        def update(self, stage: str, position: float, total: float | None) -> None:
            assert total == 3.0
            done[stage] = position

        def note(self, message: str) -> None: ...
        def warn(self, message: str) -> None: ...

    net = VocalNet([tiny_htdemucs()], [1.0])
    stages = pipeline(Planted("HOME"))
    stages = replace(stages, separator=DemucsSeparator("tiny", net, SeparateConfig(), CPU))
    stages.transcribe(tone, progress=Watch(), stems=StemWriter(tmp_path / "stems" / "tone", keeps_all=True))
    assert done == {"separating": pytest.approx(3.0), "recognising": pytest.approx(3.0, abs=0.01)}
    parts = [soundfile.read(tmp_path / "stems" / f"tone.{name}.flac")[0] for name in ("vocals", "instrumental")]
    assert sorted(p.name for p in (tmp_path / "stems").iterdir()) == ["tone.instrumental.flac", "tone.vocals.flac"]
    assert parts[0].shape == (3 * 44_100, 2)
    assert parts[0] + parts[1] == pytest.approx(soundfile.read(tone)[0], abs=1e-4)


class Halving:
    """Takes half of the mix for vocals, or nothing."""

    name = "halving"

    def __init__(self, share: float = 0.5) -> None:
        self.share = share

    def separate(self, mix: Audio, report: Report = ignore) -> Stems:
        report(mix.end_s)
        return stems_of(self.share * mix.samples, mix)


def test_stems_to_listen_to_may_come_from_another_separator(tmp_path: Path, tone: Path) -> None:
    stages = replace(pipeline(Planted("HOME")), stem_separator=Halving())
    stages.transcribe(tone, stems=tmp_path / "tone")
    for name in ("vocals", "instrumental"):
        found = soundfile.read(tmp_path / f"tone.{name}.flac")[0]
        assert found == pytest.approx(soundfile.read(tone)[0] / 2, abs=1e-5)


@pytest.mark.parametrize("aligns_mix", [True, False])
def test_known_lyrics_are_aligned_with_the_vocals_and_the_mix(tone: Path, *, aligns_mix: bool) -> None:
    recognizer = Planted("HOME")
    stages = replace(pipeline(recognizer), separator=Halving(), aligns_mix=aligns_mix)
    transcript = stages.align(tone, [Line((Word("Home", None, None),))])
    assert transcript.words[0].start_s == 0.0
    peaks = [float(np.abs(piece.voice.samples).max()) for piece in recognizer.pieces]
    assert peaks == pytest.approx([peaks[0], 2 * peaks[0]] if aligns_mix else peaks[:1], rel=1e-3)


def test_emissions_are_averaged() -> None:
    first, second = (
        Emission(np.log(np.array([row], np.float32)), 0.02, 1.0, vocabulary=Vocabulary(("-", "A"), blank=0, space=None))
        for row in ((0.2, 0.8), (0.6, 0.4))
    )
    assert np.exp(average([first, second]).log_probs) == pytest.approx(np.array([[0.4, 0.6]]))
    assert average([second]) is second


def test_stems_that_are_left_out_are_a_warning(tmp_path: Path, tone: Path) -> None:
    progress = Warnings()
    stages = replace(pipeline(Planted("HOME")), stem_separator=Halving(0.0))
    stages.transcribe(tone, progress=progress, stems=tmp_path / "stems" / "tone")
    name = str(tone)
    assert progress.warnings == [f"{name}: no {stem} stem: no voice was found" for stem in ("vocals", "instrumental")]
    assert not list((tmp_path / "stems").iterdir())


def test_a_long_song_is_processed_in_blocks_of_bounded_size() -> None:
    sizes: list[float] = []

    class Watching(NoSeparator):
        def separate(self, mix: Audio, report: Report = ignore) -> object:
            sizes.append(mix.duration_s)
            return super().separate(mix, report)

    file = io.BytesIO()
    soundfile.write(file, np.tile(chord(10.0, 8000, 1), (130, 1)), 8000, format="WAV")
    file.seek(0)
    stages = replace(pipeline(Planted("HOME")), separator=Watching())
    transcript = stages.transcribe(open_song(file, "long"))
    assert len(sizes) == 5
    assert max(sizes) <= 300
    assert sum(sizes) == pytest.approx(1300)
    assert transcript.duration_s == pytest.approx(1300)
    starts = [word.start_s for word in transcript.words]
    assert starts == sorted(starts)


def test_sections_and_a_summary_of_a_transcript_or_a_song(tone: Path) -> None:
    words = [Word(text, None, None) for text in ("home", "again")]
    given = Transcript("song", 0.0, tuple(Line((word,)) for word in words), provenance=PROVENANCE)
    planted = pipeline(Planted("SO|FAR|AWAY"))
    assert [section.lines for section in planted.sections(given).sections] == [(0, 1)]
    assert planted.sections(tone) == planted.transcribe(tone)
    assert planted.summary(given).form == "V"
