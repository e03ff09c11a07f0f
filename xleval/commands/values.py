"""What stands after an option in its help, and what a shell offers there; heavy imports wait until it is asked for.

`VALUES` goes by the names of parameters: one name means the same thing in every command, or is listed with the command.
"""

from collections.abc import Callable, Iterable, Mapping

import click
from click.shell_completion import CompletionItem

Offers = Callable[[click.Context], Iterable[tuple[str, str]]]


class Words(click.types.StringParamType):
    """Text, for which a shell offers names.

    Args:
        offers: returns names with what they mean, which zsh and fish show.
        many: names are separated by commas.
        files: the text may be a path, too.
    """

    def __init__(self, offers: Offers, *, many: bool = False, files: bool = False) -> None:
        self._offers, self._many, self._files = offers, many, files

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names that begin as the last of the given ones does."""
        before, comma, begun = incomplete.rpartition(",") if self._many else ("", "", incomplete)
        given = before.split(",")
        found = [
            CompletionItem(f"{before}{comma}{name}", help=meaning)
            for name, meaning in self._offers(ctx)
            if name.startswith(begun) and name not in given
        ]
        return [*found, CompletionItem(incomplete, type="file")] if self._files else found


def _languages(_: click.Context) -> Iterable[tuple[str, str]]:
    from xleval.data.languages import LANGUAGES

    yield from ((code, row.english_name) for code, row in LANGUAGES.items())
    yield from (("all", "every language"), ("polyfact", "its twelve languages"))


def _tasks(_: click.Context) -> Iterable[tuple[str, str]]:
    from xleval.tasks import GROUPS, TASKS

    yield from ((name, task.summary) for name, task in TASKS.items())
    yield from ((name, "group of tasks") for name in GROUPS if name not in TASKS)


def _data_names(_: click.Context) -> Iterable[tuple[str, str]]:
    from xleval.tasks import TASKS

    known = {name: None for task in TASKS.values() for name in (task.data_name, *task.data_names) if name}
    yield from ((f"{name}=", "folder of its data") for name in known)


def _backends(_: click.Context) -> Iterable[tuple[str, str]]:
    from xleval.evalkit.backends import BACKENDS

    yield from ((name, "") for name in ("auto", *BACKENDS))


def _models(_: click.Context) -> Iterable[tuple[str, str]]:
    from xleval.evalkit.backends import BACKENDS

    yield "demo", "small real model, made on this machine"
    yield from ((f"{name}:", "model run by this backend") for name in BACKENDS)


def _recipes(ctx: click.Context) -> Iterable[tuple[str, str]]:
    from xleval.training.config.recipes import recipe_files

    yield from ((name, file.kind) for file in recipe_files() if file.kind == ctx.info_name for name in file.names)


def _studies(_: click.Context) -> Iterable[tuple[str, str]]:
    from xleval.training.studies.records import STUDIES

    yield from ((name, "") for name in STUDIES)


def _relations(_: click.Context) -> Iterable[tuple[str, str]]:
    from xleval.polyfact.relations import RELATIONS

    yield from ((pid, relation.name) for pid, relation in RELATIONS.items())


def fixed(*words: str, many: bool = False, files: bool = False) -> Words:
    """Return text for which a few words are offered."""
    return Words(lambda _: ((word, "") for word in words), many=many, files=files)


_LANGS, _LANG = Words(_languages, many=True), Words(_languages)
_TASKS, _TASK = Words(_tasks, many=True), Words(_tasks, files=True)
_MODEL = Words(_models, files=True)
_TEXT = click.STRING
#: parameter, or "command parameter" -> what is written in its place, and what a shell offers
VALUES: Mapping[str, tuple[str, click.types.StringParamType]] = {
    "langs": ("LANG,..", _LANGS), "unseen": ("LANG,..", _LANGS), "seen_langs": ("LANG,..", _LANGS),
    "lang": ("LANG", _LANG), "pivot": ("LANG", _LANG), "train_lang": ("LANG", _LANG), "eval_lang": ("LANG", _LANG),
    "tasks": ("TASK,..", _TASKS), "task_names": ("TASK[LANG,..],..", _TASKS),
    "task": ("TASK", Words(_tasks)), "tasks name": ("[TASK]", Words(_tasks)), "study name": ("STUDY", Words(_studies)),
    "train": ("TRAIN", _TASK), "evaluation": ("EVAL", _TASK), "data": ("NAME=DIR", Words(_data_names)),
    "model": ("MODEL", _MODEL), "models": ("MODEL", _MODEL), "against": ("MODEL", _MODEL), "teacher": ("MODEL", _MODEL),
    "specs": ("MODEL", _MODEL), "judges": ("MODEL", _MODEL), "import model": ("NAME", _TEXT),
    "backend": ("NAME", Words(_backends)), "model_args": ("KEY=VALUE,..", _TEXT), "gen": ("KEY=VALUE,..", _TEXT),
    "dtype": ("TYPE", fixed("auto", "float32", "bfloat16", "float16")), "device": ("NAME", fixed("auto", "cpu", "cuda", "mps")),
    "device_map": ("NAME", fixed("auto", "balanced", "sequential")),
    "scaffold": ("NAME", fixed("native", "english", "none")), "option_space": ("WHEN", fixed("auto", "always", "never")),
    "cot": ("NAME", fixed("native", "english", "direct")), "reason_prefix": ("none|native|LANG", _LANG),
    "script_mask": ("none|native|LANG", _LANG), "system_prompt": ("TEXT", _TEXT), "version": ("NAME", _TEXT),
    "length_budget": ("UNIT", fixed("tokens", "chars", "fertility")), "ties": ("HOW", fixed("expected", "published")),
    "kind": ("FORMAT", fixed("lm-eval", "lighteval", "inspect", "verl", "trl", "polyfact", "jsonl")),
    "score": ("HOW", fixed("number", "given")), "watch source": ("FORMAT", fixed("auto", "trl", "verl")),
    "detector": ("first|second", fixed("first", "second")),
    "parts": ("observe|intervene|train", fixed("observe", "intervene", "train")),
    "metric": ("NAME", fixed("accuracy", "mean@k")), "over": ("all|unseen|trained", fixed("all", "unseen", "trained")),
    "build-polyfact source": ("SOURCE", fixed("embedded", "wdqs", "qlever", "dump:")),
    "source_spec": ("SOURCE", fixed("embedded", "wdqs", "qlever", "dump:")),
    "build-reasoning source": ("NAME|PATH|HUB_ID", fixed("gsm8k", "simplerl", "math500", "oasst1", "oasst2", files=True)),
    "build-traces source": ("PATH|NAME", fixed("gsm8k", "simplerl", files=True)),
    "relations": ("P-ID,..", Words(_relations, many=True)), "lint config": ("NAME", fixed("leaky", "recent", "transfer", "attested-A")),
    "config": ("[RECIPE|FILE]", Words(_recipes, files=True)), "target": ("TARGET", fixed(files=True)),
    "text": ("PATH|HUB_ID", fixed(files=True)),
    "as_of": ("YYYY-MM", _TEXT), "contact": ("ADDRESS", _TEXT), "api": ("URL", _TEXT), "split": ("NAME", _TEXT),
    "question_column": ("COLUMN", _TEXT), "answer_column": ("COLUMN", _TEXT), "id_column": ("COLUMN", _TEXT),
    "solution_column": ("COLUMN", _TEXT), "train_question": ("COLUMN", _TEXT), "train_answer": ("COLUMN", _TEXT),
    "eval_question": ("COLUMN", _TEXT), "eval_answer": ("COLUMN", _TEXT), "item_id": ("ID", _TEXT),
    "reviewed_by": ("TEXT", _TEXT), "title": ("TEXT", _TEXT), "message": ("TEXT", _TEXT), "revision": ("BRANCH", _TEXT),
    "licence": ("SPDX-ID", _TEXT), "log_to": ("NAME,..", fixed("tensorboard", "wandb", many=True)),
}  # fmt: skip


def describe_value(command: str, parameter: click.Parameter) -> None:
    """Give a parameter its words in the help and in the shell, where it has none of its own."""
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return
    name = parameter.name or ""
    if isinstance(parameter.type, click.types.StringParamType) and not isinstance(parameter.type, Words):
        metavar, kind = VALUES.get(f"{command} {name}") or VALUES.get(name) or (None, parameter.type)
        parameter.type = kind
    else:
        metavar = _general(parameter)
    if parameter.metavar is None and metavar is not None:
        parameter.metavar = metavar


def _general(parameter: click.Parameter) -> str | None:
    """Return the words for a kind of value: N for whole numbers, X for others, DIR, FILE or PATH."""
    if isinstance(parameter, click.Argument):
        return None  # its name stands there
    kind = parameter.type
    if isinstance(kind, click.Path):
        return "DIR" if not kind.file_okay else "FILE" if not kind.dir_okay else "PATH"
    if isinstance(kind, (click.types.IntParamType, click.IntRange)):
        return "N"
    return "X" if isinstance(kind, (click.types.FloatParamType, click.FloatRange)) else None
