"""Paragraphs by tiny random language models."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyricsrec.base.errors import ModelError
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word
from lyricsrec.music.form.summary.generated import generate

LYRICS = ["So", "far", "away", "from", "home", "so", "far", "away", "from", "where", "you", "are"]
SONG = Transcript(
    "song", 9.0, (Line(tuple(Word(t, None, None) for t in LYRICS)),) * 40, provenance=Provenance("", "", "", decoder="")
)


def make_language_model(folder: Path, kind: str) -> Path:
    """A random model of two layers, and a tokenizer that knows the words of the song."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

    words = ["<pad>", "</s>", "<unk>", *sorted({word.lower() for word in LYRICS})]
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    ends = {"eos_token_id": 1, "pad_token_id": 0}
    if kind == "gpt2":
        shape = GPT2Config(vocab_size=len(words), n_positions=256, n_embd=16, n_layer=2, n_head=2, **ends)
        GPT2LMHeadModel(shape).save_pretrained(folder)
    else:
        shape = T5Config(
            vocab_size=len(words),
            d_model=16,
            d_kv=8,
            d_ff=16,
            num_layers=2,
            num_heads=2,
            decoder_start_token_id=0,
            **ends,
        )
        T5ForConditionalGeneration(shape).save_pretrained(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gpt2", "t5"])
def test_causal_and_seq2seq_models_write_the_same_twice(tmp_path: Path, kind: str) -> None:
    folder = make_language_model(tmp_path, kind)
    found = generate(SONG, str(folder))
    assert found.model == str(folder)
    assert found.text
    assert set(found.text.split()) <= {word.lower() for word in LYRICS}
    assert generate(SONG, str(folder)) == found


def test_models_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="neither a folder nor a hub repository"):
        generate(SONG, "nothing")
    with pytest.raises(ModelError, match="forbids downloading"):
        generate(SONG, "some/model", offline=True)
    with pytest.raises(ModelError, match=r"cannot be used as a language model|no model"):
        generate(SONG, str(tmp_path))
