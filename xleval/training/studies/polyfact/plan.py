"""The steps of the PolyFact study: set, overlap, trainings, evaluations, comparisons, probes."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xleval.training.studies.asked_tasks import AskedTasks, asked_tasks
from xleval.training.studies.commands import compare_steps, overlap_step, probe_step, run_steps, train_steps
from xleval.training.studies.kept_arms import kept_arms
from xleval.training.studies.layout import set_folder
from xleval.training.studies.parallel_text import TEXT_LANGUAGES, parallel_text_files
from xleval.training.studies.polyfact.arms import PROBED, polyfact_arms, recipes_of
from xleval.training.studies.polyfact.languages import StudyLanguages, study_languages
from xleval.training.studies.records import Arm, Plan, Step, StudyOptions

#: Tests of PolyFact that every arm is asked; the embedded facts are of too few relations to hold one of them out.
SPLITS = ("polyfact", "polyfact_unseen_object", "polyfact_unseen_relation", "polyfact_held_out_template")
_NOT_EMBEDDED = "polyfact_unseen_relation"
_FURTHER = ("klar", "klar_nospace", "bmlama53", "global_mmlu_lite")
_SMOKE_LIMIT = ("--limit", "10", "--rotations", "1")
_FLORES = "openlanguagedata/flores_plus"
_SMOKE_TEXT = ("--limit", "12", "--knock-out", "3", "--random-sets", "1", "--resamples", "200")
_PROBES = ("neurons", "heads", "alignment")


def plan(options: StudyOptions) -> Plan:
    """Return the arms and steps of the study.

    Raises:
        ConfigError: languages or arms that it cannot have.
    """
    options = replace(options, backend="hf") if options.is_smoke and options.backend == "auto" else options
    langs = study_languages(options)
    arms = kept_arms(polyfact_arms(options, langs.seen, _corpus()), options.arms)
    facts, data_steps = _facts(options, langs)
    after = tuple(step.name for step in data_steps)
    asked = _asked(options, langs, facts)
    probed, files, notes = _probes(options, langs, arms)
    steps = [
        *data_steps,
        *_overlaps(options, facts, after),
        *_trainings(options, arms, facts, after),
        *(step for arm in arms for step in run_steps(options, arm, _run_words(options, asked, langs), after=after)),
        *(step for arm in arms for other in arm.compared_with for step in _compared(options, arms, arm, other)),
        *probed,
    ]
    return Plan(
        options=options, arms=arms, steps=tuple(steps), files=files, seen=langs.seen, unseen=langs.unseen,
        notes=(*_notes(options, arms, langs), *asked.notes, *notes),
    )  # fmt: skip


def _corpus() -> str:
    """Return the text of continued pre-training: the paper's where its file is at hand, else the one that is on the hub."""
    root = os.environ.get("XLEVAL_DATA")
    return "ted2025" if root and Path(root, "ted2025").is_dir() else "finetranslations"


def _facts(options: StudyOptions, langs: StudyLanguages) -> tuple[Path, list[Step]]:
    """Return the folder of PolyFact, and the step that makes it where none was given."""
    if "polyfact" in options.data:
        return Path(options.data["polyfact"]), []
    out = set_folder(options.out, "polyfact")
    source = ("--source", "embedded") if options.is_smoke else ("--source", "wdqs")
    words = ("build-polyfact", *source, "--langs", ",".join(langs.of_facts), "--out", str(out))
    return out, [Step(name="data/polyfact", kind="data", words=words, out=out, resumes=True)]


def _overlaps(options: StudyOptions, facts: Path, after: Sequence[str]) -> list[Step]:
    """Return the checks of the training split, in English, against tests that are sets of questions with answers."""
    train = str(facts / "en" / "train.parquet")
    tests = {"polyfact-test": str(facts / "en" / "test.parquet")}
    if "global_mmlu_lite" in options.data:
        tests["global_mmlu_lite"] = options.data["global_mmlu_lite"]
    return [overlap_step(options, train, path, names=("polyfact", name), after=after) for name, path in tests.items()]


def _trainings(options: StudyOptions, arms: Sequence[Arm], facts: Path, after: Sequence[str]) -> list[Step]:
    return [
        step
        for arm in arms
        if arm.kind
        for step in train_steps(
            options, arm, data="" if arm.kind == "cpt" and not options.is_smoke else str(facts), after=after
        )
    ]


def _asked(options: StudyOptions, langs: StudyLanguages, facts: Path) -> AskedTasks:
    splits = [name for name in SPLITS if not (options.is_smoke and name == _NOT_EMBEDDED)]
    wanted = dict.fromkeys(splits, langs.of_facts) | dict.fromkeys(_FURTHER, langs.every) | {"mmlu": ("en",)}
    return asked_tasks(options, wanted, {"polyfact": facts})


def _run_words(options: StudyOptions, asked: AskedTasks, langs: StudyLanguages) -> tuple[str, ...]:
    return (*asked.words, "--seen-langs", ",".join(langs.seen), *(_SMOKE_LIMIT if options.is_smoke else ()))


def _compared(options: StudyOptions, arms: Sequence[Arm], arm: Arm, other: str) -> list[Step]:
    return compare_steps(options, arm, next(each for each in arms if each.name == other))


def _probes(
    options: StudyOptions, langs: StudyLanguages, arms: Sequence[Arm]
) -> tuple[list[Step], dict[Path, str], tuple[str, ...]]:
    """Return the probes of the arms that are looked into, the files of their text, and what is left out."""
    chosen = [arm for arm in arms if arm.name in (PROBED[:1] if options.is_smoke else PROBED)]
    if options.text or not options.is_smoke:
        return _probe_steps(options, chosen, langs.every, options.text or _FLORES), {}, ()
    codes = tuple(lang for lang in langs.every if lang in TEXT_LANGUAGES)
    if len(codes) < 2:
        return [], {}, (f"Probes are left out: the package has text in {', '.join(TEXT_LANGUAGES)}; give --text.",)
    folder = set_folder(options.out, "parallel-text")
    return _probe_steps(options, chosen, codes, str(folder)), parallel_text_files(folder, codes), ()


def _probe_steps(options: StudyOptions, arms: Sequence[Arm], langs: Sequence[str], text: str) -> list[Step]:
    base = Arm(name="base", label="base", role="base")
    steps = []
    for arm in arms:
        for kind in _PROBES:
            words = ["--langs", ",".join(langs), "--text", text]
            if options.is_smoke:
                words += _SMOKE_TEXT[:2] + _SMOKE_TEXT[6:] if kind == "alignment" else _SMOKE_TEXT
                words += ["--blocks", "4"] if kind == "neurons" else []
            elif options.protocol == "paper":
                words += {"neurons": ["--variant", "published"], "alignment": ["--pooling", "mean"]}.get(kind, [])
            steps.append(probe_step(options, kind, base, arm, words))
    return steps


def _notes(options: StudyOptions, arms: Sequence[Arm], langs: StudyLanguages) -> list[str]:
    """Return what is left out or chosen, beside tasks and probes."""
    overlaps = (
        "KLAR and BMLAMA are files of sentences with a gap that xleval overlap does not read. KLAR's items are told apart "
        "by whether the training split has their fact; BMLAMA's rows do not name their relation, so its items are not."
    )
    if options.is_smoke:
        return [
            overlaps,
            f"{_NOT_EMBEDDED} is left out: the embedded facts are of six relations.",
            "The arm grpo-per-language is left out: a smoke run has fewer arms.",
        ]
    notes = [overlaps, recipes_of(options).note]
    if "polyfact" not in options.data:
        notes.append(
            "PolyFact is built from the Wikidata Query Service (put your address into $XLEVAL_CONTACT). A dump is faster: "
            f"xleval build-polyfact --source dump:FILE --langs {','.join(langs.of_facts)} --out DIR, "
            "then --data polyfact=DIR."
        )
    if any(arm.kind == "cpt" for arm in arms) and _corpus() == "finetranslations":
        notes.append(
            "CPT reads FineTranslations from the hub; TED2025, the paper's other text, is on none (docs/recipes.md)."
        )
    if not options.text:
        notes.append(
            f"Probes read {_FLORES} of the hub, whose terms must be accepted there; --text gives another text."
        )
    notes.append(
        "Recipes clip-1, no-bonus, power, ladder, sft-kl and dco-40000 are not arms of this study: xleval train runs them."
    )
    return [note for note in notes if note]
