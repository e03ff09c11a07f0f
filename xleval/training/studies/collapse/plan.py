"""The study of cross-lingual collapse (arXiv 2506.05850): GRPO in a language other than English, and what it does to it.

For each language: GRPO with the accuracy reward and with a language reward beside it, in several weights; two rewards that
know nothing of the task; harder problems; what decoding can hold; and recovery by worked solutions with both of its controls.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path

from xleval.errors import ConfigError
from xleval.tasks.sample import read_problems
from xleval.training.studies.asked_tasks import AskedTasks, asked_tasks
from xleval.training.studies.collapse.arms import CONTROLS, FRONT_LANGS, collapse_arms, naming
from xleval.training.studies.commands import compare_steps, overlap_step, run_steps, step_name, train_steps
from xleval.training.studies.kept_arms import kept_arms
from xleval.training.studies.layout import set_folder
from xleval.training.studies.records import Arm, Plan, Step, StudyOptions

#: The paper's: v1 has zh, ko and uk, a secondary note on v3 adds ja and th.
FULL_LANGS = ("zh", "ko", "uk", "ja", "th")
SMOKE_LANG = "ko"
#: A secondary note says that the paper translated with it.
DEFAULT_TRANSLATOR = "openai:gpt-4o"
#: Name of a set -> source and split of `xleval build-reasoning`.
_SOURCES = {
    "gsm8k-train": ("gsm8k", "train"), "simplerl": ("simplerl", "train"),
    "gsm8k": ("gsm8k", "test"), "math500": ("math500", "test"),
}  # fmt: skip
_TRAINED_ON = ("gsm8k-train", "simplerl")
_TASKS = ("gsm8k", "math500", "global_mmlu_lite_generative")
_GRID = "temperature=0.6/1.0,top_p=0.9/1"
_PROBLEMS, _SAMPLE = "problems.jsonl", "sample.jsonl"


def plan(options: StudyOptions) -> Plan:
    """Return the arms and steps of the study.

    Raises:
        ConfigError: an arm that there is not, or languages that a smoke study has no problems in.
    """
    options = replace(options, backend="hf") if options.is_smoke and options.backend == "auto" else options
    langs = _languages(options)
    unseen = tuple(dict.fromkeys(lang for lang in ("en", *options.unseen) if lang not in langs))
    kept = kept_arms(collapse_arms(options, langs), options.arms)
    # What is only asked in another way has unlike settings and is compared with nothing.
    arms = tuple(arm if arm.kind else replace(arm, compared_with=()) for arm in kept)
    asked = {arm.name: _asked(options, arm, langs, unseen) for arm in arms}
    sets = [*_smoke_sets(options)] if options.is_smoke else [*_full_sets(options, langs, unseen, arms)]
    after = tuple(step.name for step in sets if step.kind == "data")
    steps = [*sets, *_traces(options, arms, after)]
    for arm in arms:
        steps += _train(options, arm, after)
    for arm in arms:
        steps += _runs(options, arm, asked[arm.name], after)
    for arm in arms:
        others = [other for other in arms if other.name in arm.compared_with]
        shared = ",".join(dict.fromkeys((*arm.langs, *unseen)))
        steps += [step for other in others for step in compare_steps(options, arm, other, langs=shared)]
    return Plan(
        options=options, arms=arms, steps=tuple(steps), files=_files(options), seen=langs, unseen=unseen,
        notes=_notes(options, asked["base"]),
    )  # fmt: skip


def _languages(options: StudyOptions) -> tuple[str, ...]:
    if not options.is_smoke:
        return tuple(lang for lang in options.langs if lang != "en") or FULL_LANGS
    if set(options.langs) - {SMOKE_LANG}:
        raise ConfigError(
            f"--langs {','.join(options.langs)}: the problems of the smoke study are in Korean beside English; leave "
            "--langs out, or take --budget full with a translator"
        )
    return (SMOKE_LANG,)


def _files(options: StudyOptions) -> dict[Path, str]:
    """Return the problems that a smoke study trains on, and those that it is evaluated on, for the overlap check."""
    if not options.is_smoke:
        return {}
    package = resources.files("xleval.training.studies") / "data"
    rows = [
        {"item_id": each.item_id, "language": lang, "question": each.questions[lang], "answer": str(each.answer)}
        for each in read_problems("sample_problems.jsonl")
        for lang in ("en", SMOKE_LANG)
    ]
    home = options.out / "sources"
    return {
        home / _PROBLEMS: (package / _PROBLEMS).read_text(encoding="utf-8"),
        home / _SAMPLE: "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows),
    }


def _build(options: StudyOptions, name: str, words: Sequence[str]) -> Step:
    out = set_folder(options.out, name)
    return Step(
        name=step_name("data", name), kind="data", out=out, resumes=True,
        words=("build-reasoning", *words, "--out", str(out)),
    )  # fmt: skip


def _smoke_sets(options: StudyOptions) -> Iterator[Step]:
    """Yield the set of problems, by the pipeline that translates: the translations are looked up and pass the gate."""
    source = str(options.out / "sources" / _PROBLEMS)
    words = (
        "--from",
        source,
        "--split",
        "train",
        "--langs",
        SMOKE_LANG,
        "--translator",
        f"table:{source}",
        "--solutions",
    )
    built = _build(options, "problems", words)
    yield built
    sample = str(options.out / "sources" / _SAMPLE)
    yield overlap_step(options, str(built.out), sample, names=("problems", "sample"), after=(built.name,))


def _full_sets(
    options: StudyOptions, langs: Sequence[str], unseen: Sequence[str], arms: Sequence[Arm]
) -> Iterator[Step]:
    """Yield the translated sets that are not given with `--data`, then what training and test sets share."""
    harder = any("SimpleRL" in str(arm.facts.get("problems", "")) for arm in arms)
    wanted = [name for name in _SOURCES if name != "simplerl" or harder]
    built: dict[str, Step] = {}
    for name in wanted:
        if name in options.data:
            continue
        source, split = _SOURCES[name]
        into = (
            langs if name in _TRAINED_ON else tuple(dict.fromkeys((*langs, *(each for each in unseen if each != "en"))))
        )
        words = ["--from", source, "--split", split, "--langs", ",".join(into)]
        for spec in options.translators or (DEFAULT_TRANSLATOR,):
            words += ["--translator", spec]
        built[name] = _build(options, name, words)
    yield from built.values()
    for train in (name for name in _TRAINED_ON if name in wanted):
        for test in ("gsm8k", "math500"):
            after = [built[name].name for name in (train, test) if name in built]
            yield overlap_step(options, _set(options, train), _set(options, test), names=(train, test), after=after)


def _set(options: StudyOptions, name: str) -> str:
    return options.data.get(name) or str(set_folder(options.out, name))


def _traces(options: StudyOptions, arms: Sequence[Arm], after: Sequence[str]) -> Iterator[Step]:
    """Yield the worked solutions of the model before any training, which recovery learns.

    The model is its own teacher: what it learns again is then its language, and nothing that it could not do before.
    """
    if options.is_smoke:
        return  # a model as small as its own solves none of the problems
    for lang in dict.fromkeys(str(arm.facts["lang"]) for arm in arms if arm.kind == "sft"):
        out = set_folder(options.out, f"traces-{lang}")
        words = ["build-traces", "--teacher", options.model, "--langs", lang, "--drop-overlap"]
        words += ["--backend", options.backend] if options.backend != "auto" else []
        words += ["--model-args", options.model_args] if options.model_args else []
        words += ["--from", _set(options, "gsm8k-train"), "--samples", "8"]
        yield Step(
            name=step_name("traces", lang), kind="traces", out=out, words=(*words, "--out", str(out)), after=tuple(after),
            resumes=True,
        )  # fmt: skip


def _train(options: StudyOptions, arm: Arm, after: Sequence[str]) -> list[Step]:
    if not arm.kind:
        return []
    if options.is_smoke:
        return train_steps(options, arm, data=_set(options, "problems"), after=after)
    if arm.kind == "sft":
        lang = str(arm.facts["lang"])
        traces = str(set_folder(options.out, f"traces-{lang}"))
        return train_steps(options, arm, data=traces, after=(*after, step_name("traces", lang)))
    harder = "SimpleRL" in str(arm.facts.get("problems", ""))
    data = "+".join(_set(options, name) for name in (_TRAINED_ON if harder else _TRAINED_ON[:1]))
    return train_steps(options, arm, data=data, after=after)


def _asked(options: StudyOptions, arm: Arm, langs: Sequence[str], unseen: Sequence[str]) -> AskedTasks:
    """Return what an arm is evaluated on: its own language and those that none is trained on; the base on all."""
    own = (str(arm.facts["lang"]),) if "lang" in arm.facts else tuple(langs)
    if "decoding" in arm.facts:
        unseen = ()
    made = {} if options.is_smoke else {name: set_folder(options.out, name) for name in ("gsm8k", "math500")}
    made = {name: folder for name, folder in made.items() if name not in options.data}
    tasks = ("sample",) if options.is_smoke else _TASKS
    return asked_tasks(options, {task: (*own, *unseen) for task in tasks}, made)


def _runs(options: StudyOptions, arm: Arm, asked: AskedTasks, after: Sequence[str]) -> list[Step]:
    """Return the evaluation of an arm, and of the base and the accuracy arms the decoding grid."""
    words = [*asked.words, "--second-detector"]
    limit, tokens = ("3", "32") if "decoding" in arm.facts else ("5", "48")
    words += ["--limit", limit, "--shots", "1", "--gen", f"max_tokens={tokens}"] if options.is_smoke else []
    if "decoding" in arm.facts:
        words += CONTROLS[str(arm.facts["control-of"])][1]
        before = [step_name("train", arm.after, 1)] if arm.after else []
        return run_steps(options, arm, words, after=(*after, *before))
    steps = run_steps(options, arm, words, after=after)
    if arm.name == "base" or arm.name.startswith("accuracy-"):
        steps += _grid(options, arm, asked, after)
    return steps


def _grid(options: StudyOptions, arm: Arm, asked: AskedTasks, after: Sequence[str]) -> list[Step]:
    """Return the decoding grid in the languages of the front; of the first seed."""
    lead = replace(arm, seeds=arm.seeds[:1])
    if options.is_smoke:
        words = ["--tasks", "sample", "--langs", SMOKE_LANG, "--limit", "3", "--shots", "1", "--gen", "max_tokens=32"]
        return run_steps(
            options, lead, [*words, "--decode-grid", "temperature=0.6/1.0", "--second-detector"], after=after, what="grids"
        )  # fmt: skip
    there = asked.langs.get("gsm8k", ())
    langs = [lang for lang in there if lang in FRONT_LANGS] or [lang for lang in there if lang != "en"][:1]
    if not langs or (arm.langs and not set(arm.langs) & set(langs)):
        return []
    words = ["--tasks", "gsm8k", "--langs", ",".join(langs), "--data", f"gsm8k={_set(options, 'gsm8k')}"]
    words += ["--decode-grid", _GRID, "--second-detector"]
    return run_steps(options, lead, words, after=after, what="grids")


def _notes(options: StudyOptions, asked: AskedTasks) -> tuple[str, ...]:
    notes = [*asked.notes, naming(options).note]
    if options.is_smoke:
        notes.append(
            "xleval build-traces is left out: a model as small as this one solves none of the problems. Recovery learns their "
            "worked solutions in place of its own traces."
        )
    elif not options.translators:
        notes.append(
            f"No --translator is given: {DEFAULT_TRANSLATOR} is taken, which a secondary note names for the paper; it needs "
            "OPENAI_API_KEY and costs money. --translator vllm:MODEL takes a model of yours."
        )
    return tuple(note for note in notes if note)
