"""Chat models as translators: our prompt, and the translation alone out of the reply.

The engine is not known here: the command line passes a function that sends prompts to a backend and yields its replies as
they are finished. All prompts of a call are handed over at once, so that the engine forms its batches over all of them.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from xleval.data.languages import get_language
from xleval.data.reasoning.translators import positive_option, refuse_unknown_options, without_folder
from xleval.data.reasoning.translators.protocol import Translated, TranslationRequest
from xleval.errors import BackendError

#: The whole prompt is one user message: several chat templates have no system role.
PROMPT = """\
Translate the following mathematics text from {source} into {target}.

Rules:
- The translation must have exactly the same answer: keep every condition, relation and unit, add none, leave none out.
- Keep all numbers as digits where the text has digits, and keep currency signs. Do not convert units or currencies.
- Words such as XQ1Z stand for formulas. Keep each of them unchanged, exactly once, at the place where the formula belongs.
- Keep names of people; write them in the script of {target} where that is usual.
- Write natural {target} ({endonym}), as a school book would have it. Do not solve the problem and do not explain anything.

Answer with the translation only.

Text:
{text}"""

_CANDIDATES = 4
_LATER_TEMPERATURE = 0.7
_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"```[\w-]*\n(.*?)\n?```", re.DOTALL)
_QUOTES = (('"', '"'), ("“", "”"), ("„", "“"), ("«", "»"), ("「", "」"), ("『", "』"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatPrompt:
    """What a chat model is asked.

    Attributes:
        key: names the reply.
        text: the user's message.
        temperature: 0 for the most probable reply.
        seed: of the sampling; the same for the same text, languages and attempt.
        max_new_tokens: most tokens of the reply.
    """

    key: str
    text: str
    temperature: float
    seed: int
    max_new_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatReply:
    """What came of a prompt.

    Attributes:
        key: of the prompt.
        text: the reply, empty where there is none.
        cut: whether it ended at the limit of tokens.
        failure: why there is no reply, or empty.
    """

    key: str
    text: str
    cut: bool = False
    failure: str = ""


Generate = Callable[[Sequence[ChatPrompt]], Iterator[ChatReply]]


class ChatTranslator:
    """A translator that asks a chat model.

    The first attempt is greedy, later ones are sampled at temperature 0.7 with a seed of their own.

    Args:
        spec: as on the command line.
        generate: sends prompts and yields replies in any order.
        options: `max_new` tokens of a reply (2048), `candidates` (4).
        model: what else of the model changes its replies.

    Raises:
        ConfigError: unknown option.
    """

    placeholders = True

    def __init__(
        self, spec: str, generate: Generate, options: Mapping[str, str], model: Mapping[str, str] | None = None
    ) -> None:
        left = dict(options)
        self.spec = spec
        self.candidates = positive_option(left, "candidates", _CANDIDATES)
        self._max_new = positive_option(left, "max_new", 2048)
        refuse_unknown_options(left, ("candidates", "max_new"))
        self._generate = generate
        self._model = dict(model or {})

    def fingerprint(self) -> Mapping[str, str]:
        """Return the specification, the model behind it, the prompt's hash and the decoding."""
        return {
            **{f"model.{name}": value for name, value in self._model.items()},
            "spec": without_folder(self.spec),
            "prompt_sha256": hashlib.sha256(PROMPT.encode()).hexdigest(),
            "temperature": f"0, later {_LATER_TEMPERATURE}",
            "max_new_tokens": str(self._max_new),
        }

    def check_languages(self, source_lang: str, target_langs: Sequence[str]) -> None:
        """Refuse languages outside the language table; what a chat model can, only its output shows.

        Raises:
            ConfigError: unknown language.
        """
        for lang in (source_lang, *target_langs):
            get_language(lang)

    def translate(self, requests: Sequence[TranslationRequest]) -> Iterator[Translated]:
        """Yield translations as their replies arrive; cut and empty replies are failures.

        Raises:
            BackendError: the engine fails as a whole, or a reply belongs to no request.
        """
        wanted = {request.key for request in requests}
        for reply in self._generate([self._prompt(request) for request in requests]):
            if reply.key not in wanted:
                raise BackendError(
                    f"{self.spec} gave a reply with the key {reply.key!r}, which was not asked or came before"
                )
            wanted.discard(reply.key)
            yield self._translated(reply)
        for key in sorted(wanted):
            yield Translated(key=key, text="", failure="no reply")

    def close(self) -> None:
        """Free nothing: the backend belongs to the command line."""

    def _prompt(self, request: TranslationRequest) -> ChatPrompt:
        target = get_language(request.target_lang)
        text = PROMPT.format(
            source=get_language(request.source_lang).english_name,
            target=target.english_name,
            endonym=target.endonym,
            text=request.text,
        )
        digest = hashlib.sha256(f"{request.attempt}\n{text}".encode()).digest()
        return ChatPrompt(
            key=request.key,
            text=text,
            temperature=_LATER_TEMPERATURE if request.attempt else 0.0,
            seed=int.from_bytes(digest[:4]) >> 1,  # engines take 31 bits
            max_new_tokens=self._max_new,
        )

    def _translated(self, reply: ChatReply) -> Translated:
        if reply.failure:
            return Translated(key=reply.key, text="", failure=reply.failure)
        if reply.cut:
            return Translated(key=reply.key, text="", failure=f"cut at {self._max_new} tokens")
        text = translation_in(reply.text)
        return Translated(key=reply.key, text=text, failure="" if text else "empty reply")


def translation_in(reply: str) -> str:
    """Return a reply without thoughts, and without the fence or the quotation marks that are around all of it.

    What else stands around a translation (`Here is the translation:`) is left for the gate to see.
    """
    text = _THOUGHTS.sub("", reply)
    if "<think>" in text:  # thoughts without an end have no translation behind them
        return ""
    text = text.rpartition("</think>")[2].strip()
    fenced = _FENCE.fullmatch(text)
    if fenced is not None:
        text = fenced[1].strip()
    for before, after in _QUOTES:
        inner = text[len(before) : -len(after)]
        if (
            len(text) > 2
            and text.startswith(before)
            and text.endswith(after)
            and before not in inner
            and after not in inner
        ):
            return inner.strip()
    return text
