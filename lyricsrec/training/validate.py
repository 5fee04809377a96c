"""Measuring a model in training on the validation split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import jiwer
import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType, gather_object
from torch import nn
from torch.utils.data import DataLoader

from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.decoding.hypothesis import Decoder
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.lyrics.wer import count_edits
from lyricsrec.training.data.examples import Batch, ChunkExamples, collate
from lyricsrec.training.log.metrics import Reading, ValidationFigures
from lyricsrec.training.model.module import losses_of
from lyricsrec.training.settings import FRAME_S, ValidationConfig

GREEDY, BEAM, BEAM_LM = "greedy", "beam", "beam_lm"
_SEARCH_WIDTH = 100


class Validator:
    """Reads validation chunks with every decoder; each process takes its share, and figures are of all of them.

    `limit` chunks, spread evenly over the manifest, are the same every time.
    """

    def __init__(
        self, config: ValidationConfig, examples: ChunkExamples, vocabulary: Vocabulary, batch_s: float
    ) -> None:
        self._config, self._examples, self._vocabulary, self._batch_s = config, examples, vocabulary, batch_s
        self._decoders = _decoders(config, vocabulary)
        count = len(examples.rows)
        kept = min(config.limit or count, count)
        self._chosen = [i * count // kept for i in range(kept)]

    def run(
        self, module: nn.Module, accelerator: Accelerator, step: int, num_batches: int | None = None
    ) -> ValidationFigures:
        """The figures of a module as it is, of the first `num_batches` only if given.

        Runs on all processes, and leaves the module in evaluation mode.
        """
        module.eval()
        rank, world = accelerator.process_index, accelerator.num_processes
        if accelerator.distributed_type == DistributedType.FSDP:
            # Every batch needs all pieces of the model, and so all processes: each of them reads everything.
            rank, world = 0, 1
        batches = self._batches(self._chosen[rank::world])[:num_batches]
        nats = symbols = 0.0
        readings: list[Reading] = []
        for batch in DataLoader(self._examples, batch_sampler=batches, collate_fn=collate):
            moved = batch.to(accelerator.device)
            with torch.no_grad(), accelerator.autocast():
                losses = losses_of(module, moved, keeps_heard=True)
            nats += float(losses.ctc)
            symbols += int(batch.num_labels.sum())
            readings += self._read(batch, losses.log_probs.float().cpu(), losses.num_frames.tolist())
        sums = torch.tensor([nats, symbols], device=accelerator.device)
        nats, symbols = (accelerator.reduce(sums, "sum") if world > 1 else sums).tolist()
        gathered = gather_object(readings) if world > 1 else readings
        return figures_of(step, nats / max(symbols, 1), gathered, self._config.num_shown)

    def _batches(self, chosen: Sequence[int]) -> list[list[tuple[int, int]]]:
        """Chunks of like length together, the longest first: what does not fit into memory fails at once."""
        ordered = sorted(chosen, key=lambda i: -self._examples.rows[i].duration_s)
        batches: list[list[tuple[int, int]]] = []
        for i in ordered:
            longest = self._examples.rows[batches[-1][0][1]].duration_s if batches else 0.0
            if not batches or (len(batches[-1]) + 1) * longest > self._batch_s:
                batches.append([])
            batches[-1].append((0, i))
        return batches

    def _read(self, batch: Batch, log_probs: torch.Tensor, num_frames: Sequence[int]) -> list[Reading]:
        readings = []
        for i, row in enumerate(batch.rows):
            if not batch.num_labels[i]:
                continue
            emission = Emission(
                log_probs[i, : num_frames[i]].numpy(), FRAME_S, row.start_s, vocabulary=self._vocabulary
            )
            texts = {
                name: " ".join(word.text for word in decoder.decode(emission)).upper()
                for name, decoder in self._decoders.items()
            }
            path = (self._examples.folder / row.audio).resolve()
            readings.append(
                Reading(row.chunk_id, row.text.upper(), texts, audio=str(path), start_s=row.start_s, end_s=row.end_s)
            )
        return readings


def figures_of(step: int, ctc: float, readings: Sequence[Reading], num_shown: int) -> ValidationFigures:
    """Pooled figures of readings, of which the first `num_shown` are kept; without any, every rate is 1."""
    names = list(readings[0].hypotheses) if readings else [GREEDY]
    references = [reading.reference for reading in readings]
    wer, cer = {}, {}
    for name in names:
        texts = [reading.hypotheses[name] for reading in readings]
        wer[name] = count_edits(references, texts, "plain").wer if readings else 1.0
        cer[name] = jiwer.process_characters(references, texts).cer if readings else 1.0
    num_words = sum(len(reference.split()) for reference in references)
    ordered = sorted(readings, key=lambda reading: reading.chunk_id)
    shown = tuple(ordered[:: max(len(ordered) // max(num_shown, 1), 1)][:num_shown])
    return ValidationFigures(step, ctc, wer, cer=cer, num_words=num_words, readings=shown)


def with_voice(figures: ValidationFigures, si_sdr_db: float | None) -> ValidationFigures:
    """Figures with that of the separator added."""
    return replace(figures, si_sdr_db=si_sdr_db)


def _decoders(config: ValidationConfig, vocabulary: Vocabulary) -> Mapping[str, Decoder]:
    decoders = {GREEDY: make_decoder(vocabulary, DecodeConfig())}
    if config.beam > 1:
        decoders[BEAM] = make_decoder(vocabulary, DecodeConfig(beam_width=config.beam))
    if config.lm is not None:
        width = config.beam if config.beam > 1 else _SEARCH_WIDTH
        decoders[BEAM_LM] = make_decoder(vocabulary, DecodeConfig(beam_width=width, lm=config.lm))
    return decoders
