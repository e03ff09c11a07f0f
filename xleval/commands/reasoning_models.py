"""The models that `xleval build-reasoning` opens: translators, checks that need a model, solvers."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xleval.errors import ConfigError

if TYPE_CHECKING:
    from xleval.data.reasoning.judging import ModelCheck
    from xleval.data.reasoning.sources import Source
    from xleval.data.reasoning.translators.protocol import Translator
    from xleval.evalkit.chat_models import ChatModel

#: what the specification of a chat model begins with
CHAT_MODELS = ("vllm:", "openai:")


class BuildModels:
    """Everything that a build opens: one engine for each chat model, however often it is named.

    Args:
        model_args: settings of the chat models' engine, as on the command line.
    """

    def __init__(self, model_args: str | None) -> None:
        self._model_args = model_args
        self._open: dict[str, Any] = {}
        self._chats: dict[str, ChatModel] = {}

    def translators(self, specs: Mapping[str, str], source: "Source") -> "dict[str, Translator]":
        """Return the translators by language; languages with the same specification share one."""
        return {lang: self._translator(spec, source) for lang, spec in specs.items()}

    def checks(self, settings: Mapping[str, Any], source: "Source", translators: Sequence[str]) -> "list[ModelCheck]":
        """Return the checks that need a model, cheaper ones first."""
        found: list[ModelCheck] = []
        if settings["encoder"]:
            from xleval.data.reasoning.gate.embedding import EmbeddingMargin
            from xleval.data.reasoning.gate.encoders import load_encoder

            texts = [item.question for item in source.items]
            if settings["pairs"]:
                texts += [item.solution for item in source.items]
            found.append(EmbeddingMargin(load_encoder(settings["encoder"]), sources=texts))
        if settings["quality_model"]:
            from xleval.data.reasoning.gate.quality_estimation import CometCheckpoint, CometKiwi

            found.append(CometKiwi(CometCheckpoint(settings["quality_model"])))
        if settings["back_translator"]:
            from xleval.data.reasoning.gate.back_translation import BackTranslation

            found.append(BackTranslation(self._translator(settings["back_translator"], source)))
        if settings["solvers"]:
            from xleval.data.reasoning.gate.solve_back import SolveBack
            from xleval.evalkit.chat_models import grade_number

            answers = {item.item_id: item.answer for item in source.items}
            solvers = [self._solver(entry) for entry in settings["solvers"]]
            models = [spec.partition(",")[0] for spec in translators]  # with other options it is still the same model
            found.append(SolveBack(solvers, answers, grade_number, not_solvers=models))
        return found

    def _translator(self, spec: str, source: "Source") -> "Translator":
        from xleval.data.reasoning.translators import load_translator

        if spec not in self._open:
            chat = self._chat(spec) if spec.startswith(CHAT_MODELS) else None
            generate = chat.translate if chat else None
            model = chat.fingerprint if chat else None
            self._open[spec] = load_translator(spec, generate=generate, model=model, items=source.items)
        translator: Translator = self._open[spec]
        return translator

    def _solver(self, entry: str) -> Any:
        from dataclasses import asdict

        from xleval.data.reasoning.gate.solve_back import Solver
        from xleval.evalkit.chat_models import SOLVING

        family, equals, spec = entry.partition("=")
        if not equals or not spec.startswith(CHAT_MODELS):
            raise ConfigError(f"--solver {entry!r} is not FAMILY=SPEC, for example --solver qwen=vllm:Qwen/Qwen3-8B")
        chat = self._chat(spec)
        settings = {**chat.fingerprint, **{key: str(value) for key, value in asdict(SOLVING).items()}}
        return Solver(spec=spec.partition(",")[0], family=family, solve=chat.solve, settings=settings)

    def _chat(self, spec: str) -> "ChatModel":
        """Return the chat model of `vllm:MODEL` or `openai:MODEL`, without the translator's own options."""
        from xleval.evalkit.backends import load_backend
        from xleval.evalkit.chat_models import ChatModel
        from xleval.evalkit.settings import parse_model_args

        model = spec.partition(",")[0]
        if model not in self._chats:
            options = parse_model_args(self._model_args) if self._model_args else {}
            backend = load_backend("auto", model, **options)
            self._open[f"backend {model}"] = backend
            self._chats[model] = ChatModel(backend)
        return self._chats[model]

    def close(self) -> None:
        """Free engines and processes."""
        for each in self._open.values():
            each.close()
