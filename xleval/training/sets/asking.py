"""How items are asked in a training: as `xleval run` asks them, and facts with their options shown (PolyFact's GRPO)."""

from collections.abc import Sequence
from dataclasses import dataclass

from xleval.errors import ConfigError
from xleval.evalkit.prompt_blocks import conversation, is_full_width, labelled_question, scaffold_words
from xleval.evalkit.prompts import continuation, letter_continuations, prompt_words, with_options
from xleval.evalkit.requests import GenerateRequest, Message
from xleval.evalkit.task import Task, TaskItem, TaskOptions
from xleval.training.config.schema import PromptConfig
from xleval.training.sets.records import Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a model is shown, and the texts that end its answer."""

    prompt: Prompt
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """How items are asked.

    Attributes:
        prompt: the configuration.
        chat: whether in a conversation.
    """

    prompt: PromptConfig
    chat: bool

    def ask(self, task: Task, item: TaskItem, lang: str, shots: Sequence[TaskItem] = ()) -> Asked:
        """Return what a model is asked.

        Raises:
            ConfigError: options are to be shown and the item has none, or an opening of the reasoning in a conversation.
        """
        if self.prompt.show_options:
            return self.ask_with_options(item, lang)
        request = task.request(item, lang, self.options(), shots)
        if not isinstance(request, GenerateRequest):
            raise ConfigError(f"{task.name} scores given options, and a training needs a task that writes its answer")
        if request.prefill and self.chat:
            raise ConfigError(
                f"prompt.reason_prefix is {self.prompt.reason_prefix} in a conversation: TRL begins the model's turn itself, "
                "after which no opening can be put. Use --set prompt.chat=false, or --set prompt.reason_prefix=none"
            )
        if isinstance(request.prompt, str):
            return Asked(prompt=request.prompt + request.prefill, stop=request.stop)
        return Asked(prompt=as_turns(request.prompt), stop=request.stop)

    def ask_with_options(self, item: TaskItem, lang: str, *, ask: str = "name") -> Asked:
        """Return a question with its options A to D, after which the text of the right one is asked for, or its letter.

        The options stand one a line as in `with_options`, then the instruction in the language of the question (of the
        words around it, where they are English), then the label of the answer. PolyFact's published prompt is English
        around the question (github.com/jvonrad/Lost-in-Mistranslation 8574dae); the paper's runs have words in the language.

        Args:
            item: with options.
            lang: code.
            ask: `name` or `letter`.

        Raises:
            ConfigError: an item without options.
        """
        options = item.choices[:4]
        if not options:
            raise ConfigError(
                "prompt.show_options needs facts with options, which data.source does not have; leave it out"
            )
        scaffold = self.prompt.scaffold
        words = prompt_words("en") if scaffold == "english" else prompt_words(lang)
        instruction = words.name_instruction if ask == "name" else words.letter_instruction
        if self.chat:
            asked = f"{with_options(item.question, options)}\n\n{instruction}"
            return Asked(prompt=as_turns(conversation((), asked, self.prompt.system_prompt)))
        asked = f"{labelled_question(with_options(item.question, options), lang, scaffold)}\n{instruction}\n"
        if scaffold != "none":
            asked += scaffold_words(lang, scaffold).answer_label
        return Asked(prompt=asked, stop=("\n",))

    def options(self) -> TaskOptions:
        """Return the options as `xleval run` knows them."""
        return TaskOptions(
            scaffold=self.prompt.scaffold,
            option_space=self.prompt.option_space,
            chat=self.chat,
            system_prompt=self.prompt.system_prompt,
            reason_prefix=self.prompt.reason_prefix,
            cot=self.prompt.cot,
        )

    def answer(self, text: str, lang: str) -> str:
        """Return an answer as it follows the prompt: after a label with the space that the language has there."""
        if self.chat or self.prompt.scaffold == "none":
            return text
        return continuation(text, lang, self.prompt.option_space)

    @staticmethod
    def worked(prompt: Prompt, solution: str) -> str:
        """Return a solution as it follows the prompt: after a label with the space that its colon needs."""
        after_label = isinstance(prompt, str) and not prompt[-1:].isspace() and not is_full_width(prompt)
        return f" {solution}" if after_label else solution

    def letters(self, n: int, lang: str) -> tuple[str, ...]:
        """Return the letters of `n` options as they follow the prompt."""
        space = "never" if self.chat else self.prompt.option_space
        return letter_continuations(n, lang, space, self.prompt.scaffold)


def asker(prompt: PromptConfig, *, has_chat_template: bool) -> Asker:
    """Return how items are asked of a model.

    Raises:
        ConfigError: a conversation is asked for and the model has no chat template.
    """
    if prompt.chat and not has_chat_template:
        raise ConfigError(
            "prompt.chat is true and the model's tokenizer has no chat template; "
            "use --set prompt.chat=false, or an instruction-tuned model"
        )
    return Asker(prompt=prompt, chat=has_chat_template if prompt.chat is None else prompt.chat)


def as_turns(messages: Sequence[Message]) -> list[dict[str, str]]:
    """Return a conversation as TRL takes it."""
    return [{"role": message.role, "content": message.content} for message in messages]
