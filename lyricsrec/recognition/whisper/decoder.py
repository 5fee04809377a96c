"""The decoder of a Whisper model (Radford et al. 2022) in torch, with the weights of a CTranslate2 folder.

CTranslate2 encodes fast but searches one recording at a time. A search over several views of a piece, and without
audio, has to combine their outputs at every step. Layer names are those of CTranslate2's WhisperSpec.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lyricsrec.recognition.whisper.ctranslate2_file import as_tensor, read_weights

Layers = list[tuple[Tensor, Tensor]]
"""Keys and values of every layer. Audio: keys (views, heads, head width, frames), values (views, heads, frames, head
width); text: both (rows, beams, heads, length, head width)."""

_NUM_EXACT = 8
_USUAL_ROWS = 32


class WhisperDecoder:
    """Decodes text step by step from the encoder's output.

    A row is one view of a piece. All beams of a row share its cross-attention keys, which saves memory; the keys of
    pieces are separate, so that pieces of any length can be decoded together and finished ones dropped without copying.
    Products are computed in `dtype`, sums, norms and probabilities in float32: most of the time goes into reading
    weights, keys and values from memory.
    """

    def __init__(self, folder: Path, device: str, dtype: torch.dtype = torch.float32) -> None:
        """Read the weights. Raises ValueError for a file in another format, OSError when it cannot be read."""
        weights = read_weights(folder / "model.bin", "decoder/")
        self.num_heads = int(weights.pop("decoder/num_heads", np.array(0)))
        self._weights = {name: as_tensor(name, weights).to(device) for name in weights if weights[name].ndim}
        self._dtype = dtype
        self.embeddings = self._weights["decoder/embeddings/weight"]
        self._output = _Product(self.embeddings.to(dtype))
        names = [
            name.removesuffix("/weight") for name in self._weights if "/linear_" in name and name.endswith("/weight")
        ]
        self._products = {
            name: _Product(*(self._weights.pop(f"{name}/{part}").to(dtype) for part in ("weight", "bias")))
            for name in names
        }
        self._positions = self._weights["decoder/position_encodings/encodings"]
        self.num_layers = sum(name.endswith("/self_attention/linear_0") for name in names)
        self.num_heads = self.num_heads or self.width // 64

    @property
    def width(self) -> int:
        """Size of the hidden state."""
        return int(self.embeddings.shape[1])

    @property
    def max_length(self) -> int:
        """Longest text in tokens, prompt included."""
        return int(self._positions.shape[0])

    def cross(self, encoded: Tensor) -> Layers:
        """Cross-attention keys and values of a piece from the encoder's output (views, frames, width)."""
        layers: Layers = []
        for i in range(self.num_layers):
            both = self._product(encoded, f"decoder/layer_{i}/attention/linear_1").chunk(2, dim=-1)
            key, value = (self._by_head(part) for part in both)
            layers.append((key.permute(0, 2, 3, 1).contiguous(), value.transpose(1, 2).contiguous()))
        return layers

    def step(
        self, tokens: Tensor, cache: Layers, pieces: Sequence[Layers], attention: list[Tensor] | None = None
    ) -> Tensor:
        """Hidden states (rows, beams, length, width) after `tokens` (rows, beams, length).

        The rows are the views of `pieces`, one piece after the other. `cache` contains the previous keys and values
        (empty at the start) and is extended in place. Each layer's cross-attention weights on the first piece (views,
        heads, beams * length, frames) are appended to `attention`, if given.
        """
        first = cache[0][0].shape[3] if cache else 0
        hidden = self.embeddings[tokens] + self._positions[first : first + tokens.shape[2]]
        for i in range(self.num_layers):
            name = f"decoder/layer_{i}/"
            hidden = hidden + self._attend_text(hidden, name + "self_attention/", cache, i)
            hidden = hidden + self._attend_audio(hidden, name + "attention/", [p[i] for p in pieces], attention)
            inner = functional.gelu(self._linear(self._norm(hidden, name + "ffn/"), name + "ffn/linear_0"))
            hidden = hidden + self._linear(inner, name + "ffn/linear_1")
        return self._norm(hidden, "decoder/")

    def logits(self, hidden: Tensor) -> Tensor:
        """Unnormalised log-probabilities of the next token."""
        return functional.linear(hidden, self.embeddings)

    def log_probs_of(self, hidden: Tensor, tokens: Tensor) -> Tensor:
        """Log-probabilities (...) of next tokens (...) after hidden states (..., width).

        In the sum over all tokens, these tokens and the likeliest ones count in float32, the others in the decoder's
        number format.
        """
        rough = self._output(hidden.to(self._dtype)).float()
        chosen = torch.cat([tokens[..., None], rough.topk(_NUM_EXACT, dim=-1).indices], dim=-1)
        exact = self.logits_of(hidden, chosen)
        return exact[..., 0] - rough.scatter(-1, chosen, exact).logsumexp(dim=-1)

    def likeliest(self, hidden: Tensor, excluded: Tensor, num: int) -> tuple[Tensor, Tensor]:
        """The logits of the `num` likeliest next tokens, sorted, and these tokens; `excluded` is added to the logits.

        They are chosen in the decoder's number format, and their logits computed in float32.
        """
        rough = self._output(hidden.to(self._dtype)) + excluded.to(self._dtype)
        tokens = rough.topk(num, dim=-1).indices
        exact = self.logits_of(hidden, tokens) + excluded[tokens]
        logits, order = exact.sort(dim=-1, descending=True)
        return logits, tokens.gather(-1, order)

    def logits_of(self, hidden: Tensor, tokens: Tensor) -> Tensor:
        """The logits of some next tokens (..., num) after hidden states (..., width)."""
        return (self.embeddings[tokens] @ hidden.unsqueeze(-1)).squeeze(-1)

    def _attend_text(self, hidden: Tensor, name: str, cache: Layers, i: int) -> Tensor:
        parts = self._product(self._norm(hidden, name), name + "linear_0").chunk(3, dim=-1)
        query, key, value = (self._by_head(part).transpose(2, 3) for part in parts)
        if i < len(cache):
            key, value = torch.cat([cache[i][0], key], 3), torch.cat([cache[i][1], value], 3)
            cache[i] = (key, value)
        else:
            cache.append((key, value))
        attended = functional.scaled_dot_product_attention(query, key, value, is_causal=hidden.shape[2] > 1)
        return self._linear(attended.transpose(2, 3).flatten(3), name + "linear_1")

    def _attend_audio(
        self, hidden: Tensor, name: str, pieces: Sequence[tuple[Tensor, Tensor]], kept: list[Tensor] | None
    ) -> Tensor:
        query = self._product(self._norm(hidden, name), name + "linear_0").flatten(1, 2)
        query = self._by_head(query).transpose(1, 2) * (self.width // self.num_heads) ** -0.5
        attended: list[Tensor] = []
        for part, (key, value) in zip(query.split([key.shape[0] for key, _ in pieces]), pieces, strict=True):
            weights = torch.softmax(part @ key, dim=-1)
            if kept is not None and not attended:
                kept.append(weights.float())
            attended.append(weights @ value)
        return self._linear(torch.cat(attended).transpose(1, 2).reshape(hidden.shape), name + "linear_2")

    def _by_head(self, values: Tensor) -> Tensor:
        return values.reshape(*values.shape[:-1], self.num_heads, -1)

    def _linear(self, values: Tensor, name: str) -> Tensor:
        return self._product(values, name).float()

    def _product(self, values: Tensor, name: str) -> Tensor:
        return self._products[name](values.to(self._dtype))

    def _norm(self, values: Tensor, name: str) -> Tensor:
        gamma, beta = self._weights[name + "layer_norm/gamma"], self._weights[name + "layer_norm/beta"]
        return functional.layer_norm(values, (self.width,), gamma, beta)


def _packs() -> bool:
    """Whether torch and the processor have products with packed bfloat16 matrices, which raise errors elsewhere."""
    operations = torch.ops.mkldnn
    needed = ("_is_mkldnn_bf16_supported", "_reorder_linear_weight", "_linear_pointwise")
    return all(hasattr(operations, name) for name in needed) and bool(operations._is_mkldnn_bf16_supported())


class _Product:
    """A product with a matrix of weights.

    In bfloat16 on a processor for which oneDNN has such products, the matrix is stored once in the order in which they
    read it: products with few rows, of which a search has many, take about two thirds of the time.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        self._weight, self._bias = weight, bias
        self._is_packed = weight.device.type == "cpu" and weight.dtype == torch.bfloat16 and _packs()
        if self._is_packed:
            self._weight = torch.ops.mkldnn._reorder_linear_weight(weight, _USUAL_ROWS)

    def __call__(self, values: Tensor) -> Tensor:
        if self._is_packed:
            product: Tensor = torch.ops.mkldnn._linear_pointwise(values, self._weight, self._bias, "none", [], "")
            return product
        return functional.linear(values, self._weight, self._bias)
