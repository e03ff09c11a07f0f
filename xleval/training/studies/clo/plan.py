"""The steps of the study of CLO: pairs, overlap, trainings, evaluations, open answers, comparisons, judging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xleval.errors import ConfigError
from xleval.tasks.language_files import language_files
from xleval.training.studies.asked_tasks import AskedTasks, asked_tasks
from xleval.training.studies.clo.arms import FULL_ONLY, TARGETS, clo_arms, recipes_of
from xleval.training.studies.clo.smoke_sets import SMOKE_LANGUAGES, open_files, pair_files
from xleval.training.studies.commands import compare_steps, judge_steps, overlap_step, run_steps, train_steps
from xleval.training.studies.kept_arms import kept_arms
from xleval.training.studies.layout import set_folder
from xleval.training.studies.records import Arm, Plan, Step, StudyOptions

PAIRS, OPEN, FACTS = "clo-pairs", "alpaca_eval", "polyfact"
#: What an exam shares with the pairs is looked at where `--data` names its folder.
_EXAMS = ("belebele", "mmlu", "mmmlu", "cmmlu")
_TRANSLATOR = "hf:facebook/m2m100_1.2B"
#: Open tasks: the second has questions by people in further languages, for those that the first has no translation in.
OPEN_TASKS = (OPEN, "m_arena_hard")
_ARENA = ("zh", "de", "ko", "id")
#: Methods of which a judge compares CLO's answers with the others', in this order.
JUDGED_AGAINST = ("base", "sft", "sft-dpo")
_SMOKE_LIMIT = ("--limit", "10", "--rotations", "1")
_SMOKE_OPEN = ("--gen", "max_tokens=24")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sets:
    """Folders that the study reads, those it makes itself by name, the steps and files that make them."""

    pairs: Path
    made: Mapping[str, Path]
    steps: tuple[Step, ...]
    files: Mapping[Path, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the steps, which everything else comes after."""
        return tuple(step.name for step in self.steps)


def plan(options: StudyOptions) -> Plan:
    """Return the arms and steps of the study.

    Raises:
        ConfigError: languages or arms that it cannot have.
    """
    options = replace(options, backend="hf") if options.is_smoke and options.backend == "auto" else options
    targets = _targets(options)
    arms = kept_arms(clo_arms(options, targets), options.arms)
    sets = _sets(options, targets)
    runs, notes = _evaluations(options, arms, targets, sets)
    steps = [
        *sets.steps,
        *_overlaps(options, sets),
        *(
            step
            for arm in arms
            if arm.kind
            for step in train_steps(options, arm, data=str(sets.pairs), after=sets.names)
        ),
        *runs,
        *_comparisons(options, arms, targets),
        *_judgings(options, arms, targets, runs),
    ]
    return Plan(
        options=options, arms=arms, steps=tuple(steps), files=sets.files, seen=("en", *targets),
        notes=(*_notes(options, targets), *notes),
    )  # fmt: skip


def _targets(options: StudyOptions) -> tuple[str, ...]:
    targets = tuple(lang for lang in options.langs if lang != "en")
    if options.is_smoke:
        if set(targets) - set(SMOKE_LANGUAGES):
            raise ConfigError(
                f"--langs {','.join(options.langs)}: the pairs of the smoke run are in {' and '.join(SMOKE_LANGUAGES)}; "
                "leave --langs out, or plan the study with --budget full"
            )
        return SMOKE_LANGUAGES[1:]
    if options.langs and not targets:
        raise ConfigError("--langs en: CLO moves a model to another language; name one or more, such as de,ko")
    return targets or TARGETS


def _sets(options: StudyOptions, targets: Sequence[str]) -> _Sets:
    """Return the pairs; in a smoke run also open questions, and facts as the exam that is always at hand."""
    pairs = Path(options.data[PAIRS]) if PAIRS in options.data else set_folder(options.out, PAIRS)
    if options.is_smoke:
        opened, facts = set_folder(options.out, OPEN), set_folder(options.out, FACTS)
        words = ("build-polyfact", "--source", "embedded", "--langs", "en,de", "--out", str(facts))
        made = Step(name="data/polyfact", kind="data", words=words, out=facts, resumes=True)
        files = {} if PAIRS in options.data else pair_files(pairs)
        return _Sets(pairs=pairs, made={OPEN: opened, FACTS: facts}, steps=(made,), files=files | open_files(opened))
    if PAIRS in options.data:
        return _Sets(pairs=pairs, made={}, steps=(), files={})
    translators = [word for spec in options.translators or (_TRANSLATOR,) for word in ("--translator", spec)]
    words = (
        "build-reasoning", "--pairs", "--from", "oasst1", "--langs", ",".join(targets), *translators,
        *(("--data", f"oasst1={options.data['oasst1']}") if "oasst1" in options.data else ()), "--out", str(pairs),
    )  # fmt: skip
    step = Step(name=f"data/{PAIRS}", kind="data", words=words, out=pairs, resumes=True)
    return _Sets(pairs=pairs, made={}, steps=(step,), files={})


def _overlaps(options: StudyOptions, sets: _Sets) -> list[Step]:
    """Return the checks of the pairs against open questions and exams, where these are at hand as folders."""
    tests = {name: options.data[name] for name in (OPEN, *_EXAMS) if name in options.data}
    tests |= {OPEN: str(sets.made[OPEN])} if OPEN in sets.made else {}
    return [
        overlap_step(options, str(sets.pairs), path, names=(PAIRS, name), after=sets.names)
        for name, path in tests.items()
    ]


def _langs_of(arm: Arm, targets: Sequence[str]) -> tuple[str, ...]:
    """Return what an arm is asked in: English and its target, or all targets where it has none of its own."""
    lang = str(arm.facts.get("lang", "en"))
    return ("en", *targets) if lang == "en" else ("en", lang)


def _evaluations(
    options: StudyOptions, arms: Sequence[Arm], targets: Sequence[str], sets: _Sets
) -> tuple[list[Step], tuple[str, ...]]:
    """Return exams, reading and open questions of every arm, and what is left out."""
    steps, notes = [], []
    for arm in arms:
        langs = _langs_of(arm, targets)
        asked, opened = asked_tasks(options, _wanted(options, langs), sets.made), _opened(options, langs, sets)
        notes += [*asked.notes, *opened.notes]
        limits = (_SMOKE_LIMIT, _SMOKE_OPEN) if options.is_smoke else ((), ())
        if asked.words:
            steps += run_steps(options, arm, (*asked.words, *limits[0]), after=sets.names)
        if opened.words and not (options.is_smoke and not _is_judged_at_all(arm, arms)):
            steps += run_steps(options, arm, (*opened.words, *limits[1]), after=sets.names, what="open")
    return steps, tuple(dict.fromkeys(notes))


def _wanted(options: StudyOptions, langs: Sequence[str]) -> dict[str, Sequence[str]]:
    targets = [lang for lang in langs if lang != "en"]
    facts = {FACTS: langs} if options.is_smoke else {}
    chinese = {"cmmlu": ("zh",)} if "zh" in langs else {}
    return {**facts, "belebele": langs, "mmlu": ("en",), "mmmlu": targets, **chinese}


def _opened(options: StudyOptions, langs: Sequence[str], sets: _Sets) -> AskedTasks:
    """Return the open questions: AlpacaEval where it is translated, m-ArenaHard in other languages that have it."""
    if options.is_smoke:
        return asked_tasks(options, {OPEN: langs}, sets.made)
    folder = options.data.get(OPEN)
    translated = [lang for lang in langs if lang != "en" and folder and _is_translated(Path(folder), lang)]
    others = [lang for lang in langs if lang in _ARENA and lang not in translated]
    wanted: dict[str, Sequence[str]] = {OPEN: ("en", *translated)} | ({OPEN_TASKS[1]: others} if others else {})
    found = asked_tasks(options, wanted)
    without = [lang for lang in langs if lang != "en" and lang not in (*translated, *others)]
    notes = tuple(
        f"Open questions in {lang} are left out: give AlpacaEval with its translation, --data {OPEN}=DIR with {lang}.json "
        "of as many rows as alpaca_eval.json, in its order."
        for lang in without
    )
    return replace(found, notes=(*found.notes, *notes))


def _is_translated(folder: Path, lang: str) -> bool:
    return (folder / f"alpaca_eval_{lang}.json").is_file() or bool(language_files(folder, lang))


def _comparisons(options: StudyOptions, arms: Sequence[Arm], targets: Sequence[str]) -> list[Step]:
    by_name = {arm.name: arm for arm in arms}
    return [
        step
        for arm in arms
        for other in arm.compared_with
        for step in compare_steps(options, arm, by_name[other], langs=",".join(_langs_of(arm, targets)))
    ]


def _judgings(options: StudyOptions, arms: Sequence[Arm], targets: Sequence[str], runs: Sequence[Step]) -> list[Step]:
    """Return the judging of CLO's open answers; in a smoke run the model judges itself, which is validated by nothing."""
    judges = options.judges or ((options.model,) if options.is_smoke else ())
    opened = {step.arm for step in runs if step.name.startswith("open/")}
    small = ("--limit", "3", "--max-tokens", "32", "--cut", "judge", "--backend", "hf") if options.is_smoke else ()
    steps = []
    for arm in arms:
        if not judges or arm.facts.get("method") != "clo" or arm.name not in opened or _is_smaller(arm, arms):
            continue
        for other in arms:
            if _is_judged(arm, other) and other.name in opened:
                words = ("--langs", ",".join(_langs_of(arm, targets)), *small)
                steps += judge_steps(options, arm, other, judges, words)
    return steps


def _is_smaller(arm: Arm, arms: Sequence[Arm]) -> bool:
    return int(arm.facts["size"]) < max(int(each.facts.get("size", 0)) for each in arms)


def _is_judged_at_all(arm: Arm, arms: Sequence[Arm]) -> bool:
    """Return whether a judge reads an arm's answers: CLO on all instructions, or what it is set against."""
    return not arm.kind or (arm.facts["method"] in (*JUDGED_AGAINST, "clo") and not _is_smaller(arm, arms))


def _is_judged(arm: Arm, other: Arm) -> bool:
    """Return whether a judge compares CLO with an arm: the base, or SFT or SFT and DPO of its language and size."""
    if not other.kind:
        return True
    same = all(arm.facts[key] == other.facts.get(key) for key in ("lang", "size"))
    return same and other.facts["method"] in JUDGED_AGAINST


def _notes(options: StudyOptions, targets: Sequence[str]) -> list[str]:
    """Return what is left out or chosen, beside tasks."""
    if options.is_smoke:
        return [
            "The 24 pairs and eight open questions were written by a language model for this run and reviewed by nobody.",
            "The judge is the model itself: nothing validates it, so that no win rate is given.",
            f"The arms {' and '.join(FULL_ONLY)} are left out, and open questions to arms that no judge reads: to save time.",
        ]
    notes = [recipes_of(options).note]
    if options.protocol == "xleval":
        notes.append(
            "CLO has recipes of the protocol paper alone: every stated value, the others chosen (docs/recipes.md)."
        )
    if not options.judges:
        notes.append("Nothing judges the open answers: give --judge vllm:MODEL or openai:MODEL@URL.")
    elif not options.judge_labels:
        notes.append("The judge is not validated: without --judge-labels DIR no win rate is given.")
    if others := [lang for lang in targets if lang not in TARGETS]:
        notes.append(f"{', '.join(others)} has no recipes of its own: those of German are used with --langs.")
    notes.append(
        "Recipes with IPO, KTO, ORPO, and with six target languages at once, are not arms: xleval train runs them."
    )
    return [note for note in notes if note]
