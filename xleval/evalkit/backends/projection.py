"""What is read to score choices, and the step from hidden states to log-probabilities.

For engines that give back what a model computes below its output matrix, which is then applied here in slices of the
vocabulary: the logits of a large one never exist at once.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xleval.errors import BackendError
from xleval.evalkit.checkpoints import Checkpoint
from xleval.evalkit.requests import ChoiceScores, EncodedChoice, Outcome, Unscored

if TYPE_CHECKING:
    import torch

#: rows of the output matrix a slice, by device: 8,192 x 256 numbers stay in a CPU's cache
_SLICE = {"cpu": 8192, "cuda": 65536}
_HEADS = ("lm_head.weight", "embed_out.weight", "output.weight")
_EMBEDDINGS = (
    "embed_tokens.weight",
    "wte.weight",
    "word_embeddings.weight",
    "embed_in.weight",
    "tok_embeddings.weight",
)
#: parts of models that see and hear, which have tables of their own
_OTHER_PARTS = ("vision", "visual", "audio", "image")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogitShape:
    """What some architectures do to logits behind the output matrix: they are scaled, then capped.

    Attributes:
        scale: they are multiplied by it (Cohere).
        divisor: they are divided by it (Granite).
        cap: then they are cap * tanh(logit / cap) (Gemma 2); None for logits as they are.
    """

    scale: float = 1.0
    divisor: float = 1.0
    cap: float | None = None


def logit_shape(config: Any) -> LogitShape:
    """Return what the configuration of a language model says of its logits."""
    cap = getattr(config, "final_logit_softcapping", None)
    return LogitShape(
        scale=float(getattr(config, "logit_scale", None) or 1.0),
        divisor=float(getattr(config, "logits_scaling", None) or 1.0),
        cap=None if cap is None else float(cap),
    )


class Projection:
    """The last step of a causal language model: from hidden states behind the final norm to log-probabilities.

    Args:
        weight: output matrix, shape (V, D); the matrix product is made in its type, sums in float32.
        bias: of the logits, shape (V,); None without one.
        config: the language model's configuration, for scaling and capping of logits.
    """

    def __init__(self, weight: "torch.Tensor", *, bias: "torch.Tensor | None", config: Any) -> None:
        self._weight, self._bias, self._shape = weight, bias, logit_shape(config)

    @property
    def device(self) -> "torch.device":
        """Where the matrix is, and hidden states are needed."""
        return self._weight.device

    def logprobs(self, hidden: "torch.Tensor", rows: Sequence[int], tokens: Sequence[int]) -> list[float]:
        """Return natural logarithms of the probability of `tokens[i]` after the prefix of hidden state `rows[i]`.

        Args:
            hidden: hidden states, shape (R, D).
            rows, tokens: the pairs to read, each a row of `hidden` and a token id.
        """
        import torch

        columns = hidden.to(self._weight.dtype).T.contiguous()
        step = _SLICE.get(self._weight.device.type, 65536)
        parts = []
        for start in range(0, self._weight.shape[0], step):
            # (slice, R): the long side first is what the matrix product is fastest at
            logits = (self._weight[start : start + step] @ columns).float()
            if self._bias is not None:
                logits += self._bias[start : start + step, None].float()
            parts.append(torch.logsumexp(self._transform(logits), dim=0))
        normaliser = torch.logsumexp(torch.stack(parts), dim=0)
        places = torch.tensor(rows, device=self._weight.device)
        ids = torch.tensor(tokens, device=self._weight.device)
        targets = (columns.T[places].float() * self._weight[ids].float()).sum(-1)
        if self._bias is not None:
            targets += self._bias[ids].float()
        read: list[float] = (self._transform(targets) - normaliser[places]).tolist()
        return read

    def _transform(self, logits: "torch.Tensor") -> "torch.Tensor":
        """Return the logits after the scaling and capping that some architectures do behind the output matrix."""
        import torch

        scale, divisor, cap = self._shape.scale, self._shape.divisor, self._shape.cap
        if scale != 1:
            logits = logits * scale
        if divisor != 1:
            logits = logits / divisor
        return logits if cap is None else torch.tanh(logits / cap) * cap


def load_projection(checkpoint: Checkpoint, *, dtype: "torch.dtype") -> Projection:
    """Return the output matrix of a checkpoint, read from its safetensors files.

    Args:
        checkpoint: a folder with safetensors; an adapter on top is not applied.
        dtype: what the model computes in.

    Raises:
        BackendError: no output matrix is found, or it is quantised.
    """
    import transformers

    config = transformers.AutoConfig.from_pretrained(checkpoint.path, trust_remote_code=False)
    text_config = config.get_text_config()
    files = _tensor_files(checkpoint.path)
    # as the engines do it: a tied model's output matrix is its embedding, whatever else is in the files
    tied = bool(getattr(text_config, "tie_word_embeddings", getattr(config, "tie_word_embeddings", False)))
    name = _find(files, (*_EMBEDDINGS, *_HEADS) if tied else (*_HEADS, *_EMBEDDINGS))
    weight = None if name is None else _read(files[name], name)
    if name is None or weight is None or not weight.is_floating_point() or weight.element_size() < 2:
        found = "none" if name is None else f"{name}, quantised"
        raise BackendError(
            f"model {checkpoint.name} ({checkpoint.model_type}): needed is an output matrix of floating-point numbers "
            f"(lm_head or a tied embedding), found is {found}; use --backend hf for this model"
        )
    bias_name = name.removesuffix("weight") + "bias"
    bias = _read(files[bias_name], bias_name) if bias_name in files else None
    return Projection(weight.to(dtype), bias=None if bias is None else bias.float(), config=text_config)


def _tensor_files(folder: Path) -> Mapping[str, Path]:
    """Return the file of each tensor, by its name."""
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        places: Mapping[str, str] = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
        return {name: folder / file for name, file in places.items()}
    from safetensors import safe_open

    found: dict[str, Path] = {}
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt") as tensors:
            found.update(dict.fromkeys(tensors.keys(), path))
    return found


def _find(files: Mapping[str, Path], endings: Sequence[str]) -> str | None:
    """Return the first tensor of the language model whose name is, or ends with, one of the names, in their order."""
    for ending in endings:
        for name in files:
            parts = name.split(".")
            is_other = any(word in part for part in parts for word in _OTHER_PARTS)
            if not is_other and (name == ending or name.endswith("." + ending)):
                return name
    return None


def _read(path: Path, name: str) -> "torch.Tensor":
    from safetensors import safe_open

    with safe_open(path, framework="pt") as tensors:
        tensor: torch.Tensor = tensors.get_tensor(name)
    return tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceReads:
    """What must be computed and read to score one request.

    Attributes:
        paths: token sequences for the model, none the beginning of another; an option's last token is in none, because
            nothing is read after it, unless another option goes on there.
        rows: per distinct prefix that is read, the path and the position in it of its last token.
        pairs: per distinct (row, next token) that is read, the two.
        option_pairs: per option, the pairs whose log-probabilities add up to its score.
    """

    paths: tuple[tuple[int, ...], ...]
    rows: tuple[tuple[int, int], ...]
    pairs: tuple[tuple[int, int], ...]
    option_pairs: tuple[tuple[int, ...], ...]


def plan_reads(request: EncodedChoice) -> ChoiceReads:
    """Return the paths and reads of a request; options that begin alike share rows, and paths where one ends."""
    context = request.context_ids
    seen = sorted({context + option[:-1] for option in request.continuation_ids})
    # in lexicographic order a sequence's continuations follow it at once
    paths = [path for path, after in zip(seen, [*seen[1:], ()], strict=True) if after[: len(path)] != path]
    rows: dict[tuple[int, ...], int] = {}
    places: list[tuple[int, int]] = []
    pairs: dict[tuple[int, int], int] = {}
    option_pairs = []
    for option in request.continuation_ids:
        indices = []
        for end, token in enumerate(option):
            prefix = context + option[:end]
            if prefix not in rows:
                rows[prefix] = len(places)
                holder = next(index for index, path in enumerate(paths) if path[: len(prefix)] == prefix)
                places.append((holder, len(prefix) - 1))
            indices.append(pairs.setdefault((rows[prefix], token), len(pairs)))
        option_pairs.append(tuple(indices))
    return ChoiceReads(
        paths=tuple(paths), rows=tuple(places), pairs=tuple(pairs), option_pairs=tuple(option_pairs)
    )  # fmt: skip


def assemble(request: EncodedChoice, reads: ChoiceReads, logprobs: Sequence[float]) -> Outcome:
    """Return the scores of a request from the log-probability of each of its pairs."""
    if not all(math.isfinite(value) for value in logprobs):
        return Unscored(key=request.key, reason="the model gave a log-probability that is not a finite number")
    return ChoiceScores(
        key=request.key,
        sum_logprobs=tuple(min(math.fsum(logprobs[i] for i in pairs), 0.0) for pairs in reads.option_pairs),
        n_tokens=tuple(map(len, request.continuation_ids)),
    )
