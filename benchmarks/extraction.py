"""Answer extraction beside published figures and other extractors, and its speed.

    python benchmarks/extraction.py [--shared DIR]

1. The 35 cases of the extractor probe: xleval, lm-eval's `flexible-extract` filter with its exact_match, math-verify.
2. mCoT on MGSM: accuracy of the stored outputs as xleval reads them, beside the published table of the mCoT README and the
   predictions stored by its authors; every item on which the two readings differ.
3. CPU time per completion.

lm-eval and math-verify are left out where they are not installed.
"""

import argparse
import importlib
import importlib.util
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path

from xleval.evalkit.extraction import extract_number, is_correct

PUBLISHED = {"en": 71.6, "sw": 67.2, "zh": 64.8}
Verdict = Callable[[str, str, str], bool]


def main() -> None:
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=default, help="folder with the probe and the stored outputs")
    shared = parser.parse_args().shared
    cases = list(read_lines(shared / "number_extraction_cases.jsonl"))
    for name, verdict in extractors():
        right = [verdict(case["completion"], case["gold"], case["lang"]) == case["correct"] for case in cases]
        print(f"probe: {name} {sum(right)} of {len(cases)}")
    for lang, published in PUBLISHED.items():
        score_mcot(lang, published, list(read_lines(shared / "outputs" / "mcot" / f"mcot_ft_mgsm_{lang}.json")))


def read_lines(path: Path) -> Iterable[dict]:
    return (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def extractors() -> Iterable[tuple[str, Verdict]]:
    yield "xleval", lambda completion, gold, lang: is_correct(extract_number(completion, lang), gold)
    if importlib.util.find_spec("lm_eval"):
        yield "lm-eval flexible-extract", flexible_extract()
    if importlib.util.find_spec("math_verify"):
        library = importlib.import_module("math_verify")
        yield "math-verify", lambda completion, gold, _: library.verify(library.parse(gold), library.parse(completion))


def flexible_extract() -> Verdict:
    """Return lm-eval's own filter and metric with the options of its tasks/mgsm/direct configuration (0.4.13)."""
    filters = importlib.import_module("lm_eval.filters.extraction")
    metrics = importlib.import_module("lm_eval.api.metrics")
    regex = filters.RegexFilter(regex_pattern=r"(-?[$0-9.,]{2,})|(-?[0-9]+)", group_select=-1)

    def verdict(completion: str, gold: str, _: str) -> bool:
        found = regex.apply([[completion]], [{}])[0][0]
        score = metrics.exact_match_hf_evaluate(
            predictions=[found], references=[gold], ignore_case=True, ignore_punctuation=True
        )
        return bool(score["exact_match"])

    return verdict


def score_mcot(lang: str, published: float, items: list[dict]) -> None:
    for item in items[:20]:  # compile the patterns
        extract_number(item["response"], lang)
    began = time.process_time()
    found = [extract_number(item["response"], lang) for item in items]
    seconds = time.process_time() - began
    right = sum(is_correct(each, Decimal(str(item["answer"]))) for each, item in zip(found, items, strict=True))
    characters = sum(len(item["response"]) for item in items)
    paths = dict(Counter(each.path for each in found))
    print(f"mCoT {lang}: {100 * right / len(items):.1f} (published {published}), paths {paths}")
    print(f"  {1000 * seconds / len(items):.2f} ms a completion of {characters / len(items):.0f} characters")
    for each, item in zip(found, items, strict=True):
        if each.value != Decimal(str(item["prediction"])):
            print(f"  differs: ours {each.value}, published {item['prediction']}, reference {item['answer']}")
            print(f"    ...{item['response'][-160:]!r}")


if __name__ == "__main__":
    main()
