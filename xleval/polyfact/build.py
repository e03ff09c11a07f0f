"""`xleval build-polyfact`: a source through filters to items, splits, files and a manifest; losses have reasons."""

from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from xleval.data.storage import claim_folder, make_folder, read_json, sha256_of_file, write_atomically, write_json
from xleval.errors import ConfigError
from xleval.polyfact import card, dataset
from xleval.polyfact.distractors import N_OPTIONS
from xleval.polyfact.make import MakeConfig, make_set
from xleval.polyfact.manifest import describe
from xleval.polyfact.relations import get_relation
from xleval.polyfact.sources import Progress, SourceOptions, check_source, open_source
from xleval.polyfact.splits import Shares
from xleval.polyfact.wording import missing_templates

MANIFEST = "build.json"
#: Caches and extracted tables of the source; not part of the set.
WORK = ".work"
#: Raised when the same configuration would give other bytes: it is part of the configuration that a folder holds.
BUILDER_VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildConfig:
    """Everything that decides the bytes of a set.

    Attributes:
        source: `embedded`, `wdqs`, `qlever`, the URL of a SPARQL endpoint, or `dump:FILE`.
        languages: codes, in the order of the columns.
        relations: P-ids.
        size: the largest number of facts, or None for all there are.
        seed: decides draws, orders and splits.
        answer_cap: largest share of a relation's items with the same gold, above 0 and at most 1/4 (see `distractors`).
        validation: share of the facts in the validation split.
        test: share of the facts in the iid test split.
        unseen: share of the facts in each of the tests of generalisation (see `splits`).
        min_langs: in how many of the languages a fact must be asked; None for all of them.
        min_sitelinks: fewest pages about the subject in Wikimedia projects.
        as_of: month of the source's content, `YYYY-MM`, or empty for what the source says itself.
    """

    source: str
    languages: tuple[str, ...]
    relations: tuple[str, ...]
    size: int | None = None
    seed: int = 0
    answer_cap: float = 1 / N_OPTIONS
    validation: float = 0.1
    test: float = 0.1
    unseen: float = 0.05
    min_langs: int | None = None
    min_sitelinks: int = 0
    as_of: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be built.

        Raises:
            ConfigError: an unknown relation, a language without question templates, or a number out of range.
        """
        for pid in self.relations:
            get_relation(pid)
        check_source(self.source)
        if lacking := missing_templates(self.languages, self.relations):
            raise ConfigError(
                f"no question templates for {'; '.join(lacking[:3])}{' …' if len(lacking) > 3 else ''}. Add rows to "
                "xleval/polyfact/templates, or leave these languages out of --langs or the relations out of --relations"
            )
        if not 0 < self.answer_cap <= 1 / N_OPTIONS:
            raise ConfigError(f"--answer-cap is {self.answer_cap}; it must be above 0 and at most {1 / N_OPTIONS}")
        if self.size is not None and self.size < 1:
            raise ConfigError(f"--size is {self.size}; at least 1 fact is needed")
        if min(self.validation, self.test, self.unseen) < 0 or self.validation + self.test + 3 * self.unseen >= 1:
            raise ConfigError(
                f"the shares of validation ({self.validation}), test ({self.test}) and three times the other tests "
                f"({self.unseen}) must leave some to train on"
            )
        if self.min_langs is not None and not 1 <= self.min_langs <= len(self.languages):
            raise ConfigError(f"--min-langs is {self.min_langs}; 1 to {len(self.languages)} languages can be asked for")
        if self.min_sitelinks < 0:
            raise ConfigError(f"--min-sitelinks is {self.min_sitelinks}; 0 or more is needed")
        if self.as_of and not _is_month(self.as_of):
            raise ConfigError(f"--as-of is {self.as_of!r}; a month such as 2026-11 is needed")

    @property
    def coverage(self) -> int:
        """In how many languages a fact must be asked."""
        return len(self.languages) if self.min_langs is None else self.min_langs


def _is_month(text: str) -> bool:
    year, _, month = text.partition("-")
    return len(text) == 7 and year.isdigit() and month.isdigit() and 1 <= int(month) <= 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a source is reached; none of it changes the bytes of a set.

    Attributes:
        contact: e-mail address or URL that endpoints see in the User-Agent.
        api: URL of an Action API that hydrates instead of SPARQL, or empty.
        dialect: `standard`, or `wdqs` where an endpoint has Blazegraph's extensions; empty for the endpoint's usual one.
        work: folder for caches and extracted tables, or None for `.work` in the folder of the set.
        executor: `local` or `ray`, for dumps.
        workers: processes for dumps, or None for all cores.
    """

    contact: str = ""
    api: str = ""
    dialect: str = "standard"
    work: Path | None = None
    executor: str = "local"
    workers: int | None = None


def build(
    config: BuildConfig,
    out: Path,
    *,
    access: Access | None = None,
    resume: bool = False,
    progress: Progress = lambda _: None,
) -> dict[str, Any]:
    """Build a set into a folder and return its manifest.

    Args:
        config: what to build.
        out: a new folder, or one that holds the same configuration when `resume` is given.
        access: how the source is reached.
        resume: a finished folder is left as it is; an unfinished one goes on with what the source has given, to the same
            bytes.
        progress: is told the name of each step.

    Raises:
        ConfigError: the folder holds something else.
        DataError: the source gives no item, or the folder cannot be written.
    """
    access = access or Access()
    stored = {**asdict(config), "builder_version": BUILDER_VERSION}
    if claim_folder(out, manifest=MANIFEST, config=stored, resume=resume):
        return read_json(out / MANIFEST)
    write_json(out / MANIFEST, {"config": stored, "finished": False})
    progress(f"opening the source {config.source}")
    options = SourceOptions(
        languages=config.languages,
        relations=config.relations,
        min_langs=config.coverage,
        min_sitelinks=config.min_sitelinks,
        work=make_folder(access.work or out / WORK),
        contact=access.contact,
        api=access.api,
        dialect=access.dialect,
        as_of=config.as_of,
        executor=access.executor,
        workers=access.workers,
        progress=progress,
    )
    source = open_source(config.source, options)
    settings = MakeConfig(
        languages=config.languages,
        relations=config.relations,
        min_langs=config.coverage,
        size=config.size,
        seed=config.seed,
        answer_cap=config.answer_cap,
        shares=Shares(validation=config.validation, test=config.test, unseen=config.unseen),
    )
    with closing(source):
        made = make_set(settings, source, progress)
    progress("describing")
    manifest = describe(made, settings, source.description, source.uncovered())
    headline = {pid for pid, row in manifest["relations"].items() if row["headline"]}
    progress("writing")
    manifest["configs"] = dataset.write(out, made, config.languages, source.description["as_of"], headline)
    write_atomically(out / "rejects.jsonl", dataset.rejects_jsonl(made.rejects))
    write_atomically(out / "README.md", card.render(manifest))
    files = sorted(
        path for path in out.rglob("*") if path.is_file() and WORK not in path.parts and path.name != MANIFEST
    )
    manifest["files"] = {path.relative_to(out).as_posix(): sha256_of_file(path) for path in files}
    write_json(out / MANIFEST, {"config": stored, "finished": True, **manifest})
    return read_json(out / MANIFEST)
