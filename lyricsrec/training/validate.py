"""Validation of a model in training: loss, WER and CER on the validation split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import jiwer
import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType, gather_object
from torch import nn

from lyricsrec.base.errors import DataError
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.decoding.hypothesis import Decoder
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.lyrics.wer import count_edits
from lyricsrec.training.data.batches import reader
from lyricsrec.training.data.examples import Batch, ChunkExamples
from lyricsrec.training.log.metrics import Prediction, SetMetrics, ValidationMetrics
from lyricsrec.training.model.module import losses_of
from lyricsrec.training.settings import ValidationConfig

GREEDY, BEAM, BEAM_LM = "greedy", "beam", "beam_lm"
_SEARCH_WIDTH = 100


class Validator:
    """Decodes validation chunks with every configured decoder, shared out over all processes.

    The same `limit` chunks, spread evenly over the manifests, are taken every time, in batches of `batch_s` seconds
    that `num_workers` processes read ahead (see `loader`). `frame_s` is the distance of the recogniser's frames.
    """

    def __init__(
        self,
        config: ValidationConfig,
        examples: ChunkExamples,
        vocabulary: Vocabulary,
        batch_s: float,
        *,
        frame_s: float,
        num_workers: int = 0,
    ) -> None:
        self._config, self._examples, self._vocabulary, self._batch_s = config, examples, vocabulary, batch_s
        self._frame_s, self._num_workers = frame_s, num_workers
        self._decoders = _decoders(config, vocabulary)
        count = len(examples.rows)
        kept = min(config.limit or count, count)
        self._chosen = [i * count // kept for i in range(kept)]
        self._sets = list(dict.fromkeys(row.source.name for row in examples.rows))

    def run(
        self, module: nn.Module, accelerator: Accelerator, step: int, num_batches: int | None = None
    ) -> ValidationMetrics:
        """The metrics of a module, over the first `num_batches` only if given.

        All processes must call it; it leaves the module in evaluation mode. Raises DataError when no chunk can be read.
        """
        module.eval()
        rank, world = accelerator.process_index, accelerator.num_processes
        if accelerator.distributed_type == DistributedType.FSDP:
            # The model is sharded, so every batch needs all processes: each of them decodes everything.
            rank, world = 0, 1
        batches = self._batches(self._chosen[rank::world])[:num_batches]
        # Nats, symbols and chunks with an infinite loss of each set.
        sums = torch.zeros(len(self._sets), 3, dtype=torch.float64)
        predictions: list[Prediction] = []
        unreadable: list[str] = []
        # The first batches are few: starting processes would take longer than reading them.
        for batch in reader(self._examples, batches, 0 if num_batches else self._num_workers):
            moved = batch.to(accelerator.device)
            with torch.no_grad(), accelerator.autocast():
                losses = losses_of(module, moved, with_outputs=True)
            own = [float(losses.ctc), int(batch.num_labels.sum()), int(losses.num_infinite)]
            sums[self._sets.index(batch.rows[0].source.name)] += torch.tensor(own, dtype=torch.float64)
            unreadable += batch.unreadable
            predictions += self._predictions(batch, losses.log_probs.float().cpu(), losses.num_frames.tolist())
        sums = sums.float()
        sums = accelerator.reduce(sums.to(accelerator.device), "sum").cpu() if world > 1 else sums
        nats, symbols, infinite = sums.sum(dim=0).tolist()
        gathered, missing = (map(gather_object, (predictions, unreadable))) if world > 1 else (predictions, unreadable)
        if missing and not gathered and num_batches is None:
            raise DataError(
                f"no audio file of the {len(missing)} validation chunks can be read",
                "Check that they are where the manifest says.",
            )
        metrics = metrics_of(step, nats / max(symbols, 1), gathered, self._config.num_shown)
        names = tuple(sorted(set(missing)))
        return replace(
            metrics,
            num_unreadable=len(missing),
            unreadable=names,
            num_infinite=int(infinite),
            sets=self._by_set(sums, gathered) if len(self._sets) > 1 else {},
        )

    def _by_set(self, sums: torch.Tensor, predictions: Sequence[Prediction]) -> dict[str, SetMetrics]:
        """The metrics of each set, without sets of which no chunk was decoded."""
        found = {}
        for name, (nats, symbols, _) in zip(self._sets, sums.tolist(), strict=True):
            if own := [prediction for prediction in predictions if prediction.set_name == name]:
                pooled = metrics_of(0, nats / max(symbols, 1), own, 0)
                found[name] = SetMetrics(pooled.ctc, pooled.wer, pooled.cer, num_words=pooled.num_words)
        return found

    def _batches(self, chosen: Sequence[int]) -> list[list[tuple[int, int]]]:
        """Chunks of a set and of similar length together, the longest first, so that a lack of memory shows at once."""
        rows = self._examples.rows
        batches: list[list[tuple[int, int]]] = []
        for i in sorted(chosen, key=lambda i: (self._sets.index(rows[i].source.name), -rows[i].duration_s)):
            first = rows[batches[-1][0][1]] if batches else rows[i]
            is_full = batches and (len(batches[-1]) + 1) * first.duration_s > self._batch_s
            if not batches or is_full or first.source != rows[i].source:
                batches.append([])
            batches[-1].append((0, i))
        return sorted(batches, key=lambda batch: -rows[batch[0][1]].duration_s)

    def _predictions(self, batch: Batch, log_probs: torch.Tensor, num_frames: Sequence[int]) -> list[Prediction]:
        predictions = []
        for i, row in enumerate(batch.rows):
            if not batch.num_labels[i]:
                continue
            emission = Emission(
                log_probs[i, : num_frames[i]].numpy(), self._frame_s, row.start_s, vocabulary=self._vocabulary
            )
            hypotheses = {
                name: " ".join(word.text for word in decoder.decode(emission)).upper()
                for name, decoder in self._decoders.items()
            }
            predictions.append(
                Prediction(
                    row.unique_id,
                    self._examples.reference(row),
                    hypotheses,
                    audio=row.source.sound_name(row),
                    start_s=row.start_s,
                    end_s=row.end_s,
                    set_name=row.source.name,
                )
            )
        return predictions


def metrics_of(step: int, ctc: float, predictions: Sequence[Prediction], num_shown: int) -> ValidationMetrics:
    """Pooled metrics of predictions, of which up to `num_shown` are kept; without any, WER and CER are 1."""
    ordered = sorted(predictions, key=lambda prediction: prediction.chunk_id)
    shown = tuple(ordered[:: max(len(ordered) // max(num_shown, 1), 1)][:num_shown])
    names = list(predictions[0].hypotheses) if predictions else [GREEDY]
    references = [prediction.reference for prediction in predictions]
    wer, cer = {}, {}
    for name in names:
        hypotheses = [prediction.hypotheses[name] for prediction in predictions]
        wer[name] = count_edits(references, hypotheses, "plain").wer if predictions else 1.0
        cer[name] = jiwer.process_characters(references, hypotheses).cer if predictions else 1.0
    num_words = sum(len(reference.split()) for reference in references)
    return ValidationMetrics(step, ctc, wer, cer=cer, num_words=num_words, predictions=shown)


def _decoders(config: ValidationConfig, vocabulary: Vocabulary) -> Mapping[str, Decoder]:
    decoders = {GREEDY: make_decoder(vocabulary, DecodeConfig())}
    if config.beam > 1:
        decoders[BEAM] = make_decoder(vocabulary, DecodeConfig(beam_width=config.beam))
    if config.lm is not None:
        width = config.beam if config.beam > 1 else _SEARCH_WIDTH
        decoders[BEAM_LM] = make_decoder(vocabulary, DecodeConfig(beam_width=width, lm=config.lm))
    return decoders
