"""Requests as token ids, split between context and continuation exactly as lm-eval's HFLM splits them."""

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from typing import Any

from xleval.errors import BackendError, ConfigError, MissingExtra, first_line
from xleval.evalkit.checkpoints import Checkpoint
from xleval.evalkit.requests import (
    ChoiceRequest,
    Encoded,
    EncodedChoice,
    EncodedPrompt,
    GenerateRequest,
    Message,
    Prompt,
    Request,
)

#: model types that are trained with a BOS in front and give poor scores without it
_TRAINED_WITH_BOS = "gemma"
_POSITION_LIMITS = ("n_positions", "max_position_embeddings", "n_ctx")


class Encoder:
    """Turns requests into token ids with one tokenizer; shared by every backend that tokenises itself.

    A context's trailing spaces go to the continuation; context and whole text are tokenised, and the continuation is
    what the whole has beyond the context's length (lm-eval 0.4.13, `api/model.py`, `_encode_pair`). A text that itself
    starts with the BOS string gets no second one. A conversation becomes a text by the model's chat template, once; that
    text brings its own special tokens and gets none added.

    Args:
        tokenizer: a transformers tokenizer.
        max_positions: the longest sequence the model takes, in tokens; None for no limit.
        add_bos: put a BOS in front where the tokenizer does not; for models that were trained with one and whose
            tokenizer file has lost it.
    """

    def __init__(self, tokenizer: Any, *, max_positions: int | None, add_bos: bool) -> None:
        self.tokenizer = tokenizer
        self.max_positions = max_positions
        self._known_masks: set[str] = set()
        self._bos_id: int | None = tokenizer.bos_token_id if add_bos else None
        prefix = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
        self._prefix_text: str | None = None if prefix is None else tokenizer.decode([prefix])

    @property
    def has_chat_template(self) -> bool:
        """Whether the tokenizer brings a template for conversations."""
        return bool(getattr(self.tokenizer, "chat_template", None))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, without special ones."""
        if not texts:  # which transformers does not take
            return []
        return [len(row) for row in self.tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"]]

    def text_ids(self, texts: Sequence[str]) -> list[tuple[int, ...]]:
        """Return the token ids of each text as the model reads it, with the special tokens of its tokenizer."""
        rows = self._tokenise((text, False) for text in texts)
        return [rows[text, False] for text in texts]

    def encode(self, requests: Sequence[Request]) -> list[Encoded]:
        """Return the token ids of each request, in order; every distinct text is tokenised once, in batches.

        Raises:
            ConfigError: no context is left, a continuation adds no token, the sequence is longer than the model takes,
                a conversation is asked of a model without a chat template, or a script mask leaves nothing to write with.
        """
        self._check_masks(requests)
        prompts = [self._render(request) for request in requests]
        texts = [_texts(request, prompt) for request, prompt in zip(requests, prompts, strict=True)]
        chats = [not isinstance(_prompt_of(request), str) for request in requests]
        ids = self._tokenise((text, chat) for group, chat in zip(texts, chats, strict=True) for text in group)
        return [
            self._encode_one(request, prompt, [ids[text, chat] for text in group])
            for request, prompt, group, chat in zip(requests, prompts, texts, chats, strict=True)
        ]

    def _check_masks(self, requests: Sequence[Request]) -> None:
        """Refuse now a script mask that would else end a run at its first request."""
        from xleval.evalkit.backends.script_mask import allowed_token_ids

        masks = {request.script_mask for request in requests if isinstance(request, GenerateRequest)} - {""}
        for lang in sorted(masks - self._known_masks):
            allowed_token_ids(self.tokenizer, lang)
            self._known_masks.add(lang)

    def _render(self, request: Request) -> str:
        """Return the text of a prompt: as it is, or a conversation in the model's template, with what is prefilled."""
        prompt = _prompt_of(request)
        prefill = request.prefill if isinstance(request, GenerateRequest) else ""
        if isinstance(prompt, str):
            return prompt + prefill
        if not self.has_chat_template:
            raise ConfigError(f"{request.key}: a conversation, but the model has no chat template; use --no-chat")
        return self.apply_template(prompt) + prefill

    def apply_template(self, conversation: Sequence[Message]) -> str:
        """Return a conversation as the model's template writes it, up to where the answer begins.

        Raises:
            ConfigError: the template refuses the conversation, as some do a system prompt.
        """
        turns = [{"role": turn.role, "content": turn.content} for turn in conversation]
        try:
            text = self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        except (TypeError, ValueError, KeyError) as error:
            raise ConfigError(_template_problem(error)) from error
        except Exception as error:  # jinja2's own errors; the library is not imported here
            if type(error).__module__.partition(".")[0] != "jinja2":
                raise
            raise ConfigError(_template_problem(error)) from error
        return str(text)

    def _encode_one(self, request: Request, prompt: str, ids: Sequence[tuple[int, ...]]) -> Encoded:
        if isinstance(request, ChoiceRequest):
            return self._encode_choice(request, prompt, ids)
        prompt_ids = ids[0]
        if not prompt_ids:
            raise ConfigError(f"{request.key}: the prompt has no token; needed is text to continue")
        limit = request.sampling.max_tokens
        self._check_length(request.key, len(prompt_ids) + limit, f"with max_tokens={limit}")
        return EncodedPrompt(
            key=request.key,
            prompt=prompt,
            prompt_ids=prompt_ids,
            sampling=request.sampling,
            stop=request.stop,
            script_mask=request.script_mask,
            seed=request.seed,
        )

    def _encode_choice(self, request: ChoiceRequest, prompt: str, ids: Sequence[tuple[int, ...]]) -> EncodedChoice:
        context, wholes = ids[0], ids[1:]
        continuations = tuple(whole[len(context) :] for whole in wholes)
        if not context:
            raise ConfigError(f"{request.key}: the context has no token; give a context that is not only spaces")
        if not all(continuations):
            place = next(place for place, option in enumerate(continuations) if not option)
            text = request.continuations[place]
            raise ConfigError(f"{request.key}: continuation {place} ({text!r}) adds no token to the context")
        # the model never sees the last token of an option
        self._check_length(request.key, len(context) + max(map(len, continuations)) - 1, "with its longest option")
        return EncodedChoice(key=request.key, context=prompt, context_ids=context, continuation_ids=continuations)

    def _check_length(self, key: str, n_tokens: int, what: str) -> None:
        if self.max_positions is not None and n_tokens > self.max_positions:
            raise ConfigError(
                f"{key}: the prompt {what} has {n_tokens} tokens; the model takes {self.max_positions}. Prompts are "
                "never cut: use fewer examples, a smaller token limit or a model with a longer context"
            )

    def _tokenise(self, texts: Iterable[tuple[str, bool]]) -> dict[tuple[str, bool], tuple[int, ...]]:
        """Return the ids of each (text, whether a template wrote it)."""
        found: dict[tuple[str, bool], tuple[int, ...]] = {}
        groups: dict[bool, list[tuple[str, bool]]] = {}
        for text, chat in dict.fromkeys(texts):
            groups.setdefault(chat or self._starts_with_bos(text), []).append((text, chat))
        for is_whole, group in groups.items():  # a whole text has its special tokens already
            rows = self.tokenizer([text for text, _ in group], add_special_tokens=not is_whole, verbose=False)
            for (text, chat), row in zip(group, rows["input_ids"], strict=True):
                needs_bos = self._bos_id is not None and not chat and row[:1] != [self._bos_id]
                found[text, chat] = (*((self._bos_id,) if needs_bos and self._bos_id is not None else ()), *row)
        return found

    def _starts_with_bos(self, text: str) -> bool:
        return bool(self._prefix_text) and text.startswith(self._prefix_text or "")


def load_encoder(checkpoint: Checkpoint, *, max_positions: int | None = None) -> Encoder:
    """Return the encoder of a checkpoint, without loading its weights; code from the checkpoint is never run.

    Args:
        checkpoint: the model.
        max_positions: the longest sequence in tokens, where an engine has its own limit; by default the model's.

    Raises:
        BackendError: tokenizer or configuration cannot be read.
        MissingExtra: transformers is not installed, or of a GGUF file, gguf.
    """
    try:
        import transformers
    except ModuleNotFoundError as error:
        raise MissingExtra("hf", "a tokenizer") from error
    if checkpoint.gguf_file and find_spec("gguf") is None:
        raise MissingExtra("hf", f"the GGUF file {checkpoint.gguf_file}")
    gguf = {"gguf_file": checkpoint.gguf_file} if checkpoint.gguf_file else {}
    folder = checkpoint.tokenizer_folder
    own = gguf if folder == checkpoint.path else {}
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=False, **own)
        config = transformers.AutoConfig.from_pretrained(checkpoint.path, trust_remote_code=False, **gguf)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, AttributeError, TypeError) as error:
        raise BackendError(cannot_load(checkpoint, error)) from error
    add_bos = checkpoint.model_type.startswith(_TRAINED_WITH_BOS)
    limit = max_positions if max_positions is not None else _max_positions(config, tokenizer)
    return Encoder(tokenizer, max_positions=limit, add_bos=add_bos)


def cannot_load(checkpoint: Checkpoint, error: Exception) -> str:
    """Return the one line that says why transformers does not load a checkpoint."""
    import transformers

    return (
        f"model {checkpoint.name} ({checkpoint.model_type}): transformers {transformers.__version__} cannot load it "
        f"({first_line(error)})"
    )


def _max_positions(config: Any, tokenizer: Any) -> int | None:
    """Return the longest sequence of the model, in tokens, from its configuration, else from its tokenizer."""
    text_config = config.get_text_config()
    for name in _POSITION_LIMITS:
        value = getattr(text_config, name, None)
        if isinstance(value, int) and value > 0:
            return value
    limit = getattr(tokenizer, "model_max_length", None)
    return int(limit) if limit is not None and limit < 1 << 40 else None


def _prompt_of(request: Request) -> Prompt:
    return request.context if isinstance(request, ChoiceRequest) else request.prompt


def _texts(request: Request, prompt: str) -> list[str]:
    """Return the texts to tokenise: of a choice, the context and the context with each option; of a prompt, itself.

    A template's trailing blanks are its own: only a plain context gives them to the option.
    """
    if not isinstance(request, ChoiceRequest):
        return [prompt]
    context = prompt.rstrip() if isinstance(request.context, str) else prompt
    return [context, *(prompt + option for option in request.continuations)]


def _template_problem(error: Exception) -> str:
    reason = " ".join(str(error).split()) or type(error).__name__
    return f"the model's chat template refuses the conversation ({reason}); use --no-chat, or drop --system-prompt"
