"""`xleval build-reasoning`: a source through translators and the gate to a parallel set; what does not pass has reasons."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xleval.data.journal import Journal
from xleval.data.reasoning import card, dataset
from xleval.data.reasoning.attempts import Attempts
from xleval.data.reasoning.build_config import BuildConfig, check, languages_of, shown_spec, stored
from xleval.data.reasoning.built_set import BuiltSet
from xleval.data.reasoning.judging import Judge, ModelCheck, PairGate
from xleval.data.reasoning.manifest import describe
from xleval.data.reasoning.outcomes import STATUSES, Wanted, source_text
from xleval.data.reasoning.pair_files import write_pairs
from xleval.data.reasoning.report import parts_of
from xleval.data.reasoning.review_figures import ReviewFigures, read_review
from xleval.data.reasoning.review_sheet import REVIEW, write_sheets
from xleval.data.reasoning.translators.protocol import Translator
from xleval.data.storage import (
    claim_folder,
    make_folder,
    read_json,
    sha256_of_file,
    write_atomically,
    write_json,
)
from xleval.errors import BackendError, ConfigError, DataError

if TYPE_CHECKING:
    from xleval.data.reasoning.sources import Source

MANIFEST = "build.json"
#: The journal; not part of the set.
WORK = ".work"


def build(
    source: "Source",
    translators: Mapping[str, Translator],
    config: BuildConfig,
    out: Path,
    *,
    gate: PairGate,
    model_checks: Sequence[ModelCheck] = (),
    resume: bool = False,
    say: Callable[[str], None] = lambda _: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Build a set into a folder and return its manifest.

    Every translation is in the journal as soon as it is finished. A build that was killed goes on to the same Parquet and
    reject files as an unbroken one if its translators give a text the same translation whatever else is in the batch.

    Args:
        source: items of one language.
        translators: by language, for every language of `config` but the source's own; several may share one.
        config: what to make.
        out: a new folder, or one that holds the same configuration when `resume` is given.
        gate: the cheap checks.
        model_checks: checks that need a model, in the order in which they are asked.
        resume: go on, also with texts that no translation was had of; a finished folder without such is left as it is.
        say: is told of each step.
        progress: is told how many texts of a round are translated, and of how many.

    Raises:
        ConfigError: no or too few languages, a language without translator, or the folder holds something else.
        DataError: nothing passes, or the folder cannot be written.
        BackendError: a translator fails as a whole; what is finished is kept, and with nothing finished the folder is empty.
    """
    source_lang, languages = languages_of(source, config)
    check(translators, source_lang, languages, config)
    settings = stored(source, translators, languages, config, gate, model_checks)
    if claim_folder(out, manifest=MANIFEST, config=settings, resume=resume):
        held = read_json(out / MANIFEST)
        if not n_failed(held):
            return held
        say(f"asking again for {n_failed(held)} texts that no translation was had of")
    write_json(out / MANIFEST, {"config": settings, "finished": False})
    with Journal(make_folder(out / WORK) / "translations.jsonl") as journal, _given_back(out, journal):
        judge = Judge(gate, model_checks, journal)
        attempts = Attempts(
            translators,
            journal,
            judge,
            protect_numbers=config.protect_numbers,
            limit=config.attempts,
            say=say,
            progress=progress,
        )
        outcomes = attempts.outcomes(_wanted(source, languages, config))
    built = BuiltSet(
        items=tuple(source.items),
        source_lang=source_lang,
        languages=languages,
        engines={lang: shown_spec(translators[lang]) for lang in languages},
        outcomes={(each.wanted.item_id, each.wanted.lang, each.wanted.part): each for each in outcomes},
        min_langs=config.min_langs or len(languages),
        needed=config.needed,
    )
    say("writing")
    fingerprints = {lang: translators[lang].fingerprint() for lang in languages}
    manifest = describe(built, source, fingerprints, attempts=config.attempts, checks=judge.names)
    manifest["unchecked"] = {name: dict(reasons) for name, reasons in judge.unchecked.items()}
    return _write(out, built, source, config, {"config": settings, "finished": True, **manifest}, say)


@contextmanager
def _given_back(out: Path, journal: Journal) -> Iterator[None]:
    """Leave a folder empty again when an engine fails before it gave a text: nothing ties it to these settings yet."""
    try:
        yield
    except (BackendError, ConfigError):
        if not journal.rows:
            shutil.rmtree(out / WORK)
            (out / MANIFEST).unlink()
        raise


def _write(
    out: Path,
    built: BuiltSet,
    source: "Source",
    config: BuildConfig,
    manifest: dict[str, Any],
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Write everything that a folder holds beside the journal, the manifest last, and return that."""
    _clear(out, built)
    dataset.write_rejects(out, built, source.left_out)
    _refuse_empty(built, out, manifest["gate_report"])
    manifest["configs"] = write_pairs(out, built) if config.pairs else dataset.write(out, built, seed=config.seed)
    if config.review:
        manifest["review_rows"] = write_sheets(out, built, n=config.review, seed=config.seed, say=say)
    return finish(out, manifest)


def finish(out: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Write card and manifest of a set, with the hashes of its files, and return the manifest.

    Raises:
        DataError: the folder cannot be written.
    """
    write_atomically(out / "README.md", card.render(manifest))
    aside = {WORK, REVIEW, MANIFEST}  # sheets are filled in later
    files = sorted(path for path in out.rglob("*") if path.is_file() and path.relative_to(out).parts[0] not in aside)
    hashes = {path.relative_to(out).as_posix(): sha256_of_file(path) for path in files}
    write_json(out / MANIFEST, {**manifest, "files": hashes})
    return read_json(out / MANIFEST)


def add_review(out: Path, *, reviewed_by: str = "") -> dict[str, ReviewFigures]:
    """Read the filled sheets of a set into its card and manifest, and return the figures by language.

    Args:
        out: folder of a finished set.
        reviewed_by: who judged, with what knowledge of the languages; stands on the card.

    Raises:
        DataError: no row of a sheet is filled, one is not as it was written, or the set is not finished.
    """
    manifest = read_json(out / MANIFEST)
    if not manifest.get("finished"):
        raise DataError(f"{out} is not finished; go on with --resume, then read the review")
    figures = read_review(out)
    if not figures:
        raise DataError(f"no row of the sheets in {out / REVIEW} is filled; yes or no is needed under ok?")
    manifest["review"] = {lang: found.as_json() for lang, found in figures.items()}
    manifest["reviewed_by"] = reviewed_by
    finish(out, manifest)
    return figures


def n_failed(manifest: Mapping[str, Any]) -> int:
    """Return for how many texts of a finished set no translation was had, so that the gate could not judge them."""
    return sum(row[part]["failed"] for row in manifest["gate_report"].values() for part in parts_of(row))


def _wanted(source: "Source", languages: tuple[str, ...], config: BuildConfig) -> list[Wanted]:
    """Return every text that is to be translated, all languages of an item together."""
    wanted = []
    for item in source.items:
        wanted += [
            Wanted(item_id=item.item_id, lang=lang, part=part, text=text, source_lang=item.lang)
            for part in config.parts
            if (text := source_text(item, part))
            for lang in languages
        ]
    return wanted


def _clear(out: Path, built: BuiltSet) -> None:
    """Remove what an earlier process wrote, whole or in part: the journal has all of it. Sheets may have been filled in."""
    folders = [out / name for name in ("parallel", "curriculum", "rejects", *built.all_languages)]
    for folder in (*folders, *out.glob("level-*")):
        if folder.is_dir():
            shutil.rmtree(folder)


def _refuse_empty(built: BuiltSet, out: Path, report: Mapping[str, Any]) -> None:
    """Refuse a set without a single translation.

    Raises:
        DataError: it is empty; the statuses and the most frequent reason are named.
    """
    if any(built.in_lang(lang) for lang in built.languages):
        return
    rows = [row[part] for row in report.values() for part in parts_of(row)]
    reasons: dict[str, int] = {}
    for row in rows:
        for reason, n in {**row["rejected_by"], **row["failures"]}.items():
            reasons[reason] = reasons.get(reason, 0) + n
    counts = ", ".join(f"{sum(row[status] for row in rows)} {status}" for status in STATUSES if status != "accepted")
    often = max(reasons, key=lambda reason: reasons[reason])
    raise DataError(
        f"no translation of {len(built.items)} items passed ({counts}; most often: {often}). See {out / 'rejects'}, and give "
        "another --translator or other limits"
    )
