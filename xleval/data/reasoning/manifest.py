"""What is known about a reasoning set: counts, gate figures, engines, licences; the body of `build.json` and of the card."""

import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from xleval.data.reasoning.built_set import BuiltSet
from xleval.data.reasoning.report import gate_report, kept_against_all

if TYPE_CHECKING:
    from xleval.data.reasoning.sources import Source

_PACKAGES = ("xleval", "torch", "transformers", "vllm", "sentencepiece", "lingua-language-detector", "pyarrow")
#: Licences of models by a part of their name, as their model cards state them; a translator that knows better says so in
#: its fingerprint under `licence`.
_MODEL_LICENCES = {"nllb": "CC-BY-NC-4.0", "m2m100": "MIT", "madlad400": "Apache-2.0"}
#: Licences of program and dictionaries, as Debian's packages of the pairs state them.
_APERTIUM_LICENCE = "GPL, version 2 or later; parts of some pairs version 2 or 3 (program and dictionaries)"
NOT_STATED = "not stated"


def describe(
    built: BuiltSet,
    source: "Source",
    fingerprints: Mapping[str, Mapping[str, str]],
    *,
    attempts: int,
    checks: Sequence[str],
) -> dict[str, Any]:
    """Return the description of a set as JSON values; no times, so that sets compare.

    Args:
        built: the set.
        source: where the items come from.
        fingerprints: of the translators, by language.
        attempts: most attempts at a text.
        checks: names of the checks that were made.
    """
    parallel = built.parallel()
    return {
        **({"kind": "pairs"} if "response" in built.needed else {}),
        "source": {"name": source.name, "origin": source.origin, "licence": source.licence or NOT_STATED},
        "derived_from": [source.name],
        "source_lang": built.source_lang,
        "languages": list(built.all_languages),
        "min_langs": built.min_langs,
        "items": {
            "source": len(built.items),
            "left_out": len(source.left_out),
            "parallel": len(parallel),
            "by_language": {lang: len(built.in_lang(lang)) for lang in built.all_languages},
            "solutions_by_language": {
                lang: sum(built.text(item, lang, "solution") is not None for item in built.in_lang(lang))
                for lang in built.all_languages
            },
        },
        "engines": {
            lang: {"spec": built.engines[lang], "licence": engine_licence(built.engines[lang], fingerprints[lang])}
            for lang in built.languages
        },
        "gate_report": gate_report(built, attempts, checks),
        "kept_against_all": kept_against_all(built),
        "versions": versions(),
        "review": {},
        "reviewed_by": "",
    }


def engine_licence(spec: str, fingerprint: Mapping[str, str]) -> str:
    """Return the licence of a translator, `not stated` where nobody says."""
    if fingerprint.get("licence"):
        return fingerprint["licence"]
    kind, _, name = spec.lower().partition(":")
    if kind == "apertium":
        return _APERTIUM_LICENCE
    # A table may be named after a model; what it holds has the licence of whoever made it.
    known = (licence for part, licence in _MODEL_LICENCES.items() if kind != "table" and part in name)
    return next(known, NOT_STATED)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the installed packages that had a part in a set."""
    found = {"python": sys.version.split()[0]}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
