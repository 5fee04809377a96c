"""Small files of every kind that is read, to be damaged by `helpers.fuzz`."""

# ruff: noqa: E501
from __future__ import annotations

import gzip
import io
import json
import pickle
import wave

from helpers.files import ROOT

_LRC = (
    "[ti:Song]\n[offset:+100]\n[00:01.00]So <00:01.50>far [x2]\n[00:03.00][00:09.00]away (oh)\nv1: [bg:<00:04.00>oh]\n"
)
_SRT = "1\n00:00:01,000 --> 00:00:02,500\nSo far\n\n2\n00:00:03,000 --> 00:00:04,000\n<i>away</i>\n"
_VTT = "WEBVTT\n\n00:01.000 --> 00:02.500\n<v Ann>So <00:01.500><c>far</c>\n\n00:03.000 --> 00:04.000\naway\n"
_ASS = (
    "[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, "
    "Effect, Text\nDialogue: 0,0:00:01.00,0:00:02.50,Karaoke,Ann,0,0,0,,{\\k50}So {\\kf100}far\\Naway\n"
)
_TTML = (
    '<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="en"><body><div><p begin="1s" end="00:00:02.5">So '
    '<span begin="1.5s">far</span></p></div></body></tt>'
)
_TEXTGRID = (
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\nxmax = 4\ntiers? <exists>\nsize = 1\nitem []:\n'
    '    item [1]:\n        class = "IntervalTier"\n        name = "words"\n        xmin = 0\n        xmax = 4\n'
    '        intervals: size = 2\n        intervals [1]:\n            xmin = 0\n            xmax = 1\n            text = ""\n'
    '        intervals [2]:\n            xmin = 1\n            xmax = 4\n            text = "far"\n'
)
_ULTRASTAR = (
    "#TITLE:Song\n#ARTIST:Ann\n#BPM:240,5\n#GAP:1000\n#MP3:a.mp3\n: 0 4 0 So \n: 4 4 2 far\n- 20\n* 24 4 0 a\nE\n"
)
_SHEET = "Song Lyrics\n\n[Chorus: Ann] x2\nSo far (so far) x2\nAm  G  C\nIn 1999 the 21st, 3.5 and 1,000,000\n\n12 ContributorsEmbed\n"
_WORD = {"text": "So", "start_s": 1.0, "end_s": 1.5, "confidence": 0.5}
_TRANSCRIPT = {
    "schema": 1, "song": "s", "title": None, "artist": "Ann", "album": None, "duration_s": 4.5, "text": "So",
    "lines": [{"text": "So", "start_s": 1.0, "end_s": 1.5, "words": [_WORD], "singers": ["Ann"], "role": "lead",
               "placement": {"score": 0.5, "band": "sure", "reason": None}}],
    "notes": ["a"], "provenance": {"lyricsrec": "0", "separator": "none", "recognizer": "m", "decoder": "g",
                                   "language": "en", "settings": {"a": 1}, "versions": {"torch": "2"}},
}  # fmt: skip
_WHISPER = {"language": "en", "segments": [{"text": " So far", "start": 1, "end": 2.5,
            "words": [{"word": " So", "start": 1.0, "end": 1.5}]}]}  # fmt: skip
_GENTLE = {
    "transcript": "So far",
    "words": [{"word": "So", "case": "success", "start": 1.0, "end": 1.5, "alignedWord": "so"}],
}
_AENEAS = {"fragments": [{"begin": "1.0", "end": "2.5", "lines": ["So far"], "language": "eng", "id": "f1"}]}
_WHISPER_CPP = {"transcription": [{"offsets": {"from": 1000, "to": 2500}, "text": " So far", "tokens": []}]}
_LRCLIB = {"trackName": "Song", "artistName": "Ann", "syncedLyrics": "[00:01.00] So far", "plainLyrics": "So far"}
_ITEM = {"text": "so", "time": [1.0, 1.5], "freq": [220.0, 220.0], "index": 0}
_DALI_INFO = {"id": "a1", "artist": "Ann", "title": "Song", "audio": {"url": "u", "working": True, "path": "None"},
              "metadata": {"language": "english", "genres": ["Pop"]}, "scores": {"NCC": 0.9, "manual": 0.0},
              "dataset_version": 1.0, "ground-truth": False}  # fmt: skip
_DALI = {"info": _DALI_INFO, "annotations": {"type": "horizontal", "annot_param": {"fr": 240.0, "offset": 0.5},
         "annot": {"notes": [_ITEM], "words": [_ITEM], "lines": [_ITEM], "paragraphs": [{**_ITEM, "index": None}]}}}  # fmt: skip
_CHUNK = {"schema": 1, "chunk_id": "a-0", "song_id": "a", "text": "SO FAR", "audio": "a.wav", "start_s": 0.0,
          "end_s": 1.0, "offset_s": 0.0, "words": [_WORD], "mute": [[0.1, 0.2]]}  # fmt: skip
_SONG = {"schema": 1, "song_id": "a", "artist": "Ann", "title": "Song", "language": "english", "ncc": 0.9,
         "is_ground_truth": False, "split": "train", "audio": "a.wav", "duration_s": 2.0, "num_words": 1,
         "num_chunks": 1, "lines": [{"words": [_WORD]}]}  # fmt: skip
_TOML = '[engine]\nsteps = 5\nseed = 1\ntrackers = ["tensorboard"]\n[data]\nfolder = "x"\nbatch_s = 10.5\n[freeze.until]\nhead = 3\n'
_JAMENDO = (
    "URL,Filepath,Artist,Title,Genre,License Type,Language,LyricOverlap,Polyphonic,NonLexical\n"
    "u,a.mp3,Ann,Song,Pop,BY,English,False,False,False\n"
)
_INFO = {"schema": 1, "model": "lm.arpa", "order": 2, "prune": [0, 0], "min_count": 1, "letters": "AB", "case": "upper",
         "language": None, "estimator": "own", "texts": [["a", 1]], "num_sentences": 1, "num_words": 2, "ngrams": [1, 1],
         "tuning": None}  # fmt: skip


def dump(document: object) -> bytes:
    """JSON."""
    return json.dumps(document, indent=1).encode()


def _wav(rate: int = 8000, channels: int = 1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as song:
        song.setnchannels(channels)
        song.setsampwidth(2)
        song.setframerate(rate)
        song.writeframes(bytes(range(256)) * 16)
    return file.getvalue()


def _encoded(form: str) -> bytes:
    import numpy as np
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, np.sin(np.arange(4000) / 20).astype(np.float32), 8000, format=form)
    return file.getvalue()


def entry_pickle() -> bytes:
    """A DALI entry as the package pickles it, not packed."""
    from lyricsrec.formats.dali.pickle import dump_entry

    return gzip.decompress(dump_entry(_DALI["info"], _DALI["annotations"]))  # type: ignore[arg-type]


def _arpa() -> bytes:
    found = sorted((ROOT / "tests" / "data" / "lm").rglob("*.arpa"), key=lambda path: path.stat().st_size)
    return (
        found[0].read_bytes() if found else b"\\data\\\nngram 1=3\n\n\\1-grams:\n-1\t<unk>\n-1\t<s>\n-1\tA\n\n\\end\\\n"
    )


def seeds() -> dict[str, list[bytes]]:
    """Inputs by the reader that takes them: lyrics by the ending of their file, others by name."""
    table = pickle.dumps([["DALI_ID", "NAME", "YOUTUBE", "WORKING"], ["a1", "n", "u", True]], protocol=2)
    truth = pickle.dumps({"a1": {"fr": 240.0, "offset": 0.5}}, protocol=4)
    return {
        **{f"lyrics.{name}": [text.encode()] for name, text in _TEXTS.items()},
        "lyrics.json": [dump(d) for d in (_TRANSCRIPT, _WHISPER, _GENTLE, _AENEAS, _WHISPER_CPP, _LRCLIB, _DALI)],
        "sound": [_wav(), _wav(44_100, 2), _encoded("FLAC"), _encoded("OGG"), _encoded("AIFF")],
        "chunks": [json.dumps(_CHUNK).encode() + b"\n"],
        "songs": [json.dumps(_SONG).encode() + b"\n"],
        "entry": [entry_pickle()],
        "entry-json": [dump(_DALI)],
        "table": [table],
        "truth": [truth],
        "toml": [_TOML.encode()],
        "transcript": [dump(_TRANSCRIPT)],
        "jamendo": [_JAMENDO.encode()],
        "ultrastar": [_ULTRASTAR.encode()],
        "lm-info": [dump(_INFO)],
        "word-list": [b"so\t3\nfar\t1.5e2\n"],
        "kenlm": [_arpa()],
        "separator": [b"models: [a]\nweights: [[1, 0]]\nsegment: 10\n"],
        "model-config": [dump({"model_type": "wav2vec2", "vocab_size": 3, "_attn_implementation": {"": "sdpa"}})],
        "model-extractor": [dump({"feature_extractor_type": "Wav2Vec2FeatureExtractor", "sampling_rate": 16000})],
        "model-tokenizer": [dump({"added_tokens_decoder": {"0": {"content": "<pad>"}}, "pad_token": "<pad>"})],
        "model-vocabulary": [dump({"<pad>": 0, "|": 1, "A": 2}), dump({"eng": {"<pad>": 0, "A": 1}})],
    }


_TEXTS = {
    "txt": _SHEET, "lrc": _LRC, "elrc": _LRC, "srt": _SRT, "vtt": _VTT, "ass": _ASS, "ttml": _TTML, "TextGrid": _TEXTGRID,
    "lab": "0 10000000 sil\n10000000 15000000 so\n", "audacity.txt": "1.0\t1.5\tSo\n1.5\t2.5\tfar\n",
    "csv": "start,end,text\n1.0,1.5,So\n1:02.5,63,far\n", "tsv": "start\tend\ttext\n1000\t1500\tSo\n",
    "sbv": "0:00:01.000,0:00:02.500\nSo far\n", "cho": "{title: Song}\n{soc}\n[Am]So [G]far\n{eoc}\n",
    "us.txt": _ULTRASTAR, "json.txt": json.dumps(_WHISPER),
}  # fmt: skip
