"""`xleval build-polyfact`: candidates through filters to items, splits, files and a manifest; losses have reasons."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from xleval.data.storage import claim_folder, read_json, sha256_of, sha256_of_file, write_atomically, write_json
from xleval.errors import ConfigError, DataError, unknown_name
from xleval.polyfact import card, dataset, filters
from xleval.polyfact.dataset import MadeSet
from xleval.polyfact.distractors import N_OPTIONS
from xleval.polyfact.items import make_items, shuffle_options
from xleval.polyfact.manifest import describe
from xleval.polyfact.records import Fact, Reject
from xleval.polyfact.relations import Template, get_relation, load_templates, missing_templates
from xleval.polyfact.sources import SOURCES, Source, open_source
from xleval.polyfact.splits import SPLITS, assign_splits

MANIFEST = "build.json"
#: Raised when the same configuration would give other bytes: it is part of the configuration that a folder holds.
BUILDER_VERSION = 1

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildConfig:
    """Everything that decides the bytes of a set.

    Attributes:
        source: `embedded`.
        languages: codes, in the order of the columns.
        relations: P-ids.
        size: the largest number of facts, or None for all there are.
        seed: decides draws, orders and splits.
        answer_cap: largest share of a relation's items with the same gold, above 0 and at most 1/4 (see `distractors`).
        validation: share of the facts in the validation split.
        test: share of the facts in the test split.
    """

    source: str
    languages: tuple[str, ...]
    relations: tuple[str, ...]
    size: int | None = None
    seed: int = 0
    answer_cap: float = 1 / N_OPTIONS
    validation: float = 0.1
    test: float = 0.1

    def __post_init__(self) -> None:
        """Refuse what cannot be built.

        Raises:
            ConfigError: an unknown relation, a language without question templates, or a share out of range.
        """
        for pid in self.relations:
            get_relation(pid)
        if self.source not in SOURCES:
            raise unknown_name("source", self.source, SOURCES)
        lacking = [row.split(":")[0] for row in missing_templates(self.languages)]
        if lacking:
            raise ConfigError(
                f"no question templates for {', '.join(sorted(lacking))}. Add rows to xleval/polyfact/templates.tsv, "
                "or leave these languages out of --langs"
            )
        if not 0 < self.answer_cap <= 1 / N_OPTIONS:
            raise ConfigError(f"--answer-cap is {self.answer_cap}; it must be above 0 and at most {1 / N_OPTIONS}")
        if self.size is not None and self.size < 1:
            raise ConfigError(f"--size is {self.size}; at least 1 fact is needed")
        if min(self.validation, self.test) < 0 or self.validation + self.test >= 1:
            raise ConfigError(
                f"validation ({self.validation}) and test ({self.test}) shares must leave some to train on"
            )


def build(
    config: BuildConfig, out: Path, *, resume: bool = False, progress: Progress = lambda _: None
) -> dict[str, Any]:
    """Build a set into a folder and return its manifest.

    Args:
        config: what to build.
        out: a new folder, or one that holds the same configuration when `resume` is given.
        resume: a finished folder is left as it is, an unfinished one is built again, to the same bytes.
        progress: is told the name of each step.

    Raises:
        ConfigError: the folder holds something else.
        DataError: the source gives no item, or the folder cannot be written.
    """
    stored = {**asdict(config), "builder_version": BUILDER_VERSION}
    if claim_folder(out, manifest=MANIFEST, config=stored, resume=resume):
        return read_json(out / MANIFEST)
    write_json(out / MANIFEST, {"config": stored, "finished": False})
    progress(f"opening the source {config.source}")
    source = open_source(config.source, config.languages)
    made = make_set(config, source, progress)
    progress("writing")
    manifest = describe(made, config.languages, config.relations, source.description)
    headline = {pid for pid, row in manifest["relations"].items() if row["headline"]}
    dataset.write(out, made, config.languages, source.description["as_of"], headline)
    write_atomically(out / "rejects.jsonl", dataset.rejects_jsonl(made.rejects))
    write_atomically(out / "README.md", card.render(manifest))
    files = sorted(path for path in out.rglob("*") if path.is_file() and path.name != MANIFEST)
    manifest["files"] = {path.relative_to(out).as_posix(): sha256_of_file(path) for path in files}
    write_json(out / MANIFEST, {"config": stored, "finished": True, **manifest})
    return read_json(out / MANIFEST)


def make_set(config: BuildConfig, source: Source, progress: Progress = lambda _: None) -> MadeSet:
    """Return items with splits and orders, and every reject; pure in the configuration and what the source says.

    Raises:
        DataError: nothing is left, with the most frequent reasons.
    """
    languages = config.languages
    statements = []
    for pid in config.relations:
        progress(f"reading statements of {pid}")
        statements += source.statements(pid)
    candidates = Counter(statement.relation_pid for statement in statements)
    facts, rejects = filters.single_valued(statements)
    true_values = filters.true_values(statements)
    progress("reading names")
    ends = {qid for statement in statements for qid in (statement.subject_qid, statement.object_qid)}
    entities = source.entities(ends, languages)
    all_templates = load_templates()

    def templates_of(fact: Fact) -> Mapping[str, Template]:
        kind = entities[fact.subject_qid].kind
        wordings = {lang: all_templates[fact.relation_pid, kind, lang] for lang in languages}
        turn = int(sha256_of([config.seed, "template", fact.fact_id])[:8], 16)  # the same paraphrase in every language
        return {lang: choices[turn % len(choices)] for lang, choices in wordings.items()}

    progress("checking names and leaks")
    facts = _keep(
        facts, rejects, lambda fact: filters.check_entities(fact, get_relation(fact.relation_pid), entities, languages)
    )
    shared = filters.shared_names(entities, languages)
    facts = _keep(facts, rejects, lambda fact: filters.check_ambiguity(fact, shared))

    def leak(fact: Fact) -> Reject | None:
        found = filters.reveals(entities[fact.object_qid], entities[fact.subject_qid], templates_of(fact), languages)
        return Reject(fact_id=fact.fact_id, reason=found[0], detail=found[1]) if found else None

    facts = _keep(facts, rejects, leak)
    if config.size is not None:
        facts = sorted(facts, key=lambda fact: sha256_of([config.seed, "size", fact.fact_id]))
        rejects += [Reject(fact_id=fact.fact_id, reason="size") for fact in facts[config.size :]]
        facts = facts[: config.size]
    progress("drawing options")
    fractions = dict(zip(SPLITS, (1 - config.validation - config.test, config.validation, config.test), strict=True))
    while True:  # a fact that finds no options leaves the pool, and the shares of the answers with it
        facts, capped = filters.cap_answers(facts, config.answer_cap, config.seed)
        split_of = assign_splits(facts, fractions, config.seed)
        items, undrawn = make_items(facts, entities, templates_of, true_values, split_of, languages, config.seed)
        rejects += capped + undrawn
        if not undrawn:
            break
        facts = [item.fact for item in items]
    if not items:
        common = ", ".join(f"{reason} {count}" for reason, count in Counter(r.reason for r in rejects).most_common(3))
        read = sum(candidates.values())
        raise DataError(f"no item is left of {read} candidates; most were dropped for: {common or 'nothing was read'}")
    items = shuffle_options(sorted(items, key=lambda item: item.fact.fact_id), languages, config.seed)
    return MadeSet(
        items=items,
        entities=entities,
        templates_of=templates_of,
        rejects=sorted(rejects, key=lambda reject: (reject.fact_id, reject.reason)),
        candidates=candidates,
    )


def _keep(facts: Iterable[Fact], rejects: list[Reject], check: Callable[[Fact], Reject | None]) -> list[Fact]:
    """Return the facts that pass a check; the others are added to the rejects."""
    kept = []
    for fact in facts:
        reject = check(fact)
        if reject is None:
            kept.append(fact)
        else:
            rejects.append(reject)
    return kept
