"""A paragraph about a song by a language model of the user: causal or sequence to sequence, by transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lyricsrec.base.errors import ModelError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.models.data_only import check_data_only
from lyricsrec.models.hub import fetch, is_repository
from lyricsrec.models.reading import check_files, read_object, reading_model
from lyricsrec.music.form.summary.summary import Generated

_FILES = ("*.json", "*.safetensors", "*.model", "*.txt", "*.jinja")
_TASK = "Summarize the following song lyrics in one short paragraph. Say what the song is about; do not quote it."
_NEW_TOKENS = 160
_CONTEXT = 1024
"""Tokens of the prompt for models that do not say how many they take."""


def generate(
    transcript: Transcript, model: str, *, device: str = "cpu", offline: bool = False, progress: Progress = SILENT
) -> Generated:
    """What a model writes about the lyrics, always the same for the same lyrics.

    `model` is a folder, or a repository on the hub, which is downloaded unless `offline`. Weights are read from
    safetensors only, and no code of the model is run. Raises ModelError.
    """
    folder = _folder(model, offline, progress)
    check_files(folder)
    check_data_only(folder)
    with reading_model(f"{model}: cannot be used as a language model", "Name a causal or seq2seq model."):
        text = _written(folder, transcript.text, device)
    if not text:
        raise ModelError(f"{model}: the model wrote nothing", "Try another --model.")
    return Generated(model, text)


def _folder(model: str, offline: bool, progress: Progress) -> Path:
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if not is_repository(model):
        raise ModelError(f"no model '{model}': neither a folder nor a hub repository (owner/name)")
    return fetch(model, _FILES, offline=offline, progress=progress)


def _written(folder: Path, lyrics: str, device: str) -> str:
    with reading_model(f"{folder}: no model"):
        config = read_object(folder / "config.json")
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

    answers = bool(config.get("is_encoder_decoder"))
    kind = AutoModelForSeq2SeqLM if answers else AutoModelForCausalLM
    tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    network = kind.from_pretrained(str(folder), local_files_only=True, use_safetensors=True).to(device).eval()
    room = int(getattr(network.config, "max_position_embeddings", None) or _CONTEXT) - (0 if answers else _NEW_TOKENS)
    inputs = _prompt(tokenizer, lyrics, max(room, 16)).to(device)
    with torch.inference_mode():
        found = network.generate(
            input_ids=inputs,
            attention_mask=torch.ones_like(inputs),
            max_new_tokens=_NEW_TOKENS,
            do_sample=False,
            no_repeat_ngram_size=4,
            pad_token_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id,
        )
    written: str = tokenizer.decode(found[0] if answers else found[0, inputs.shape[1] :], skip_special_tokens=True)
    return " ".join(written.split())


def _prompt(tokenizer: Any, lyrics: str, room: int) -> Any:
    """The tokens of the task and of as many words as there is room for, (1, tokens)."""
    text = f"{_TASK}\n\n{lyrics}\n\nSummary:"
    while True:
        if tokenizer.chat_template:
            talk = [{"role": "user", "content": text}]
            prompt = tokenizer.apply_chat_template(talk, add_generation_prompt=True, tokenize=False)
            found = tokenizer(prompt, return_tensors="pt", add_special_tokens=False).input_ids
        else:
            found = tokenizer(text, return_tensors="pt").input_ids
        if found.shape[1] <= room or not lyrics:
            return found[:, -room:]
        # The end of the lyrics is left out, by at least a tenth.
        lyrics = lyrics[: int(len(lyrics) * min(0.9, room / found.shape[1]))]
        text = f"{_TASK}\n\n{lyrics}\n\nSummary:"
