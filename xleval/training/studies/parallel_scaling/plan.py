"""The study of parallel training (arXiv 2510.02272): what training on k parallel languages does to those not trained on.

Three parts: `observe` asks open models and what they were trained from, `intervene` trains other initial models on English,
`train` grows the number of languages in three orders, beside the same amount of data and English that often (D7).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from os.path import relpath
from pathlib import Path

from xleval.training.studies.asked_tasks import AskedTasks, asked_tasks
from xleval.training.studies.commands import (
    compare_steps,
    overlap_step,
    run_steps,
    step_name,
    train_steps,
    transfer_step,
)
from xleval.training.studies.kept_arms import kept_arms
from xleval.training.studies.layout import run_folder, set_folder, transfer_file, weights_folder
from xleval.training.studies.parallel_scaling.arms import Languages, languages, scaling_arms
from xleval.training.studies.parallel_scaling.pairs import Pair, read_pairs
from xleval.training.studies.records import Arm, Plan, Step, StudyOptions

#: A secondary note names it for the paper on collapse; of this paper no translator is known.
DEFAULT_TRANSLATOR = "openai:gpt-4o"
_HARD = ("xreasoning_aime24", "xreasoning_aime25", "xreasoning_gpqa")
_BEYOND = ("mmlu_prox_lite", "include")
_SMOKE_PROBLEMS = (
    "--tasks", "sample", "--langs", "en,de", "--limit", "3", "--shots", "1", "--gen", "max_tokens=32", "--second-detector",
)  # fmt: skip


def plan(options: StudyOptions) -> Plan:
    """Return the arms and steps of the study.

    Raises:
        ConfigError: languages or arms that it cannot have.
        DataError: the file of pairs cannot be read.
    """
    options = replace(options, backend="hf") if options.is_smoke and options.backend == "auto" else options
    langs = languages(options)
    possible = scaling_arms(options, langs, _pairs(options, langs))
    kept = kept_arms(possible, _with_what_they_are_over(options.arms, possible))
    # What is asked and not trained is compared with none by itself: a pair of open models names its base in `against`.
    arms = tuple(arm if arm.kind else replace(arm, compared_with=()) for arm in kept)
    sets = _smoke_sets(options, langs) if options.is_smoke else _full_sets(options, langs, arms)
    after = tuple(step.name for step in sets if step.kind == "data")
    asked = {arm.name: _asked(options, langs, arm) for arm in arms}
    steps = [*sets]
    for arm in arms:
        steps += train_steps(options, arm, data=_training_set(options), after=after) if arm.kind else []
    for arm in arms:
        steps += _runs(options, arm, asked[arm.name], after)
    by_name = {arm.name: arm for arm in arms}
    for arm in arms:
        others = arm.compared_with if arm.kind else [str(arm.facts["against"])] if "against" in arm.facts else []
        tasks = "polyfact" if options.is_smoke else "math500"
        steps += [step for other in others for step in compare_steps(options, arm, by_name[other], tasks=tasks)]
    transfers, files = _transfers(options, arms)
    return Plan(
        options=options, arms=arms, steps=(*steps, *transfers), files=files, seen=langs.seen,
        unseen=tuple(lang for lang in langs.every if lang not in langs.seen), notes=_notes(options, langs, asked),
    )  # fmt: skip


def _with_what_they_are_over(names: Sequence[str], arms: Sequence[Arm]) -> list[str]:
    """Return the arms that the user named, with the models that their gains are over."""
    against = {arm.name: str(arm.facts["against"]) for arm in arms if "against" in arm.facts}
    return list(dict.fromkeys(each for name in names for each in (name, against.get(name, name))))


def _pairs(options: StudyOptions, langs: Languages) -> tuple[Pair, ...]:
    """Return the pairs of the part `observe`; a smoke study, without a file of pairs, observes what it has trained."""
    if options.pairs is not None or not options.is_smoke:
        return read_pairs(options.pairs)
    order = langs.orders["a"]
    last = f"a-k{len(order)}-grow"
    weights = str(weights_folder(options.out, last, 1))
    return (Pair(base=options.model, trained=weights, langs=order, name=f"observed: {','.join(order)}", arm=last),)


def _training_set(options: StudyOptions) -> str:
    name = "polyfact" if options.is_smoke else "simplerl"
    return options.data.get(name) or str(set_folder(options.out, name))


def _smoke_sets(options: StudyOptions, langs: Languages) -> list[Step]:
    """Return the embedded facts, and what their splits share."""
    if "polyfact" in options.data:
        return []
    out = set_folder(options.out, "polyfact")
    words = ("build-polyfact", "--source", "embedded", "--langs", ",".join(langs.every), "--out", str(out))
    built = Step(name=step_name("data", "polyfact"), kind="data", words=words, out=out, resumes=True)
    files = [str(out / "en" / f"{split}.parquet") for split in ("train", "test")]
    return [built, overlap_step(options, *files, names=("polyfact", "polyfact-test"), after=(built.name,))]


def _full_sets(options: StudyOptions, langs: Languages, arms: Sequence[Arm]) -> list[Step]:
    """Return the translated sets that are needed and not given with `--data`, then what they share."""
    wanted = {"math500": "test"} | ({"simplerl": "train"} if any(arm.kind for arm in arms) else {})
    steps = []
    for name, split in wanted.items():
        if name in options.data:
            continue
        out = set_folder(options.out, name)
        words = ["build-reasoning", "--from", name, "--split", split]
        words += ["--langs", ",".join(lang for lang in langs.every if lang != "en")]
        words += ["--solutions"] if name == "simplerl" and any(arm.kind == "sft" for arm in arms) else []
        for spec in options.translators or (DEFAULT_TRANSLATOR,):
            words += ["--translator", spec]
        steps.append(
            Step(name=step_name("data", name), kind="data", words=(*words, "--out", str(out)), out=out, resumes=True)
        )
    if "simplerl" in wanted:
        test = options.data.get("math500") or str(set_folder(options.out, "math500"))
        after = [step.name for step in steps]
        steps.append(overlap_step(options, _training_set(options), test, names=("simplerl", "math500"), after=after))
    return steps


def _asked(options: StudyOptions, langs: Languages, arm: Arm) -> AskedTasks:
    """Return what an arm is asked: all of them one task, and those that stand for a part the hard and the further ones."""
    if options.is_smoke:
        made = {} if "polyfact" in options.data else {"polyfact": set_folder(options.out, "polyfact")}
        return asked_tasks(options, {"polyfact": langs.every}, made)
    made = {} if "math500" in options.data else {"math500": set_folder(options.out, "math500")}
    tasks = ["math500"]
    if _is_hard(arm, langs):
        tasks += _HARD
    if arm.name in ("base", "k1-grow", f"a-k{len(langs.orders['a'])}-grow"):
        tasks += _BEYOND
    return asked_tasks(options, dict.fromkeys(tasks, langs.every), made)


def _is_hard(arm: Arm, langs: Languages) -> bool:
    """Return whether an arm is asked the hard sets: the base, both ends of the first order and its leap, and other models."""
    ends = ("base", "k1-grow", "a-k2-grow", f"a-k{len(langs.orders['a'])}-grow")
    return arm.name in ends or "initial" in arm.facts or (not arm.kind and "prefix" not in arm.facts)


def _runs(options: StudyOptions, arm: Arm, asked: AskedTasks, after: Sequence[str]) -> list[Step]:
    """Return the evaluation of an arm; choices have no solution that a sentence could begin: then word problems are asked."""
    before = [step_name("train", arm.after, 1)] if arm.after and not arm.kind else []
    words = [*asked.words, *(("--limit", "20", "--rotations", "1") if options.is_smoke else ("--second-detector",))]
    if "prefix" in arm.facts:
        words = [*_SMOKE_PROBLEMS] if options.is_smoke else words
        words += ["--reason-prefix", str(arm.facts["prefix"])]
    return run_steps(options, arm, words, after=(*after, *before))


def _transfers(options: StudyOptions, arms: Sequence[Arm]) -> tuple[list[Step], dict[Path, str]]:
    """Return the transfer figures of each part, and the plans that they are of."""
    parts: dict[str, list[Arm]] = {}
    for arm in arms:
        if "part" in arm.facts and "reward" not in arm.facts:
            parts.setdefault(str(arm.facts["part"]), []).append(arm)
    steps, files = [], {}
    for part, members in parts.items():
        file = transfer_file(options.out, part).with_suffix(".yaml")
        files[file] = _transfer_plan(options, arms, members, file.parent)
        after = [
            step_name("runs", each.name, seed)
            for each in _with_bases(arms, members)
            for seed in each.seeds or (None,)
        ]  # fmt: skip
        steps.append(transfer_step(options, part, file, after=after))
    return steps, files


def _with_bases(arms: Sequence[Arm], members: Sequence[Arm]) -> list[Arm]:
    names = {_base_of(each) for each in members} | {each.name for each in members}
    return [arm for arm in arms if arm.name in names]


def _base_of(arm: Arm) -> str:
    """Return the arm that the gains of an arm are over."""
    return str(arm.facts.get("against", "base"))


def _transfer_plan(options: StudyOptions, arms: Sequence[Arm], members: Sequence[Arm], home: Path) -> str:
    """Return the plan as JSON, which YAML reads; folders are relative to the file, so that the study can be moved."""
    by_name = {arm.name: arm for arm in arms}
    entries: list[Mapping[str, object]] = []
    for arm in members:
        base = by_name[_base_of(arm)]
        for seed in arm.seeds or (None,):
            begun = seed if seed in base.seeds else (base.seeds or (None,))[0]
            repeats = arm.facts.get("regime") == "english-repeat"
            shared = {name: arm.facts[name] for name in ("order", "regime") if name in arm.facts}
            langs = ["en"] if repeats else list(arm.langs) or str(arm.facts["langs"]).split(",")
            entries.append(
                {
                    "run": relpath(run_folder(options.out, arm.name, seed), home),
                    "base": relpath(run_folder(options.out, base.name, begun), home),
                    "langs": langs, **({"k": arm.facts["k"]} if repeats else {}), **shared,
                    **({"seed": seed} if seed is not None else {}),
                }
            )  # fmt: skip
    task = "polyfact" if options.is_smoke else "math500"
    return (
        json.dumps({"base": entries[0]["base"], "task": task, "trained": entries}, ensure_ascii=False, indent=1) + "\n"
    )


def _notes(options: StudyOptions, langs: Languages, asked: Mapping[str, AskedTasks]) -> tuple[str, ...]:
    notes = [note for each in asked.values() for note in each.notes]
    if options.is_smoke:
        notes += [
            "The part observe asks a checkpoint of this study again, and intervene begins with its SFT arm: no other models are "
            "at hand."
        ]  # fmt: skip
    else:
        notes += [
            "All arms are evaluated on MATH500; AIME and GPQA are asked of the base, k = 1, k = 2 and the last k of order a, and "
            "of the models of observe and intervene: a small model solves hardly any of AIME.",
            "The monitor asks no held-out prompts, as a translated set has no validation split; roll-outs are measured.",
        ]  # fmt: skip
        if not options.translators:
            notes.append(
                f"No --translator is given: {DEFAULT_TRANSLATOR} is taken; it needs OPENAI_API_KEY and costs money. "
                "--translator vllm:MODEL takes a model of yours."
            )
        if not langs.drawn:
            notes.append(
                "One order of languages is trained, that of --langs: the number of languages is not told from it."
            )
    return tuple(dict.fromkeys(notes))
