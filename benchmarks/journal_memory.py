"""What a run keeps in memory for each entry of its journal: fresh, on --resume, and in the commands that read it.

    python benchmarks/journal_memory.py [ENTRIES ...] [--chars 2000] [--only fresh,resume,...]

Every figure is of a process of its own: its peak resident memory, less what it held when the items were read and the
requests were made and encoded (their list is not the journal's). The model is the mock; each completion is a text of its
own of about `--chars` characters. `--plain` leaves out telling the languages of the completions, which is most of the time.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from xleval.data.language_id import LanguageShares
from xleval.evalkit import language_columns
from xleval.evalkit.backends.mock import MockModel
from xleval.evalkit.metrics.language_consistency import Text
from xleval.evalkit.requests import Completion, Encoded, EncodedPrompt, Sampling
from xleval.evalkit.rescore import rescore
from xleval.evalkit.runner import RunConfig, plan_run, run
from xleval.evalkit.task import TaskOptions, load_task
from xleval.tasks import TASKS

STEPS = ("fresh", "resume", "finished", "rescore", "compare", "report")
TASK, LANGS = "sample", ("en", "sw")


class WordyModel(MockModel):
    """The mock model with long completions, no two alike."""

    n_chars = 2000

    def _complete(self, request: EncodedPrompt) -> Completion:
        number = self._hash(request.prompt_ids, (request.seed,)).hex()
        text = f" {number} " + "the river is long and the answer is near " * (self.n_chars // 42) + " 42"
        return Completion(key=request.key, text=text, finish_reason="stop", n_tokens=len(text))


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def now_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / (1 << 20)


def no_languages(
    texts: Sequence[Text], processes: int | None = 1, *, n_texts: int | None = None
) -> Iterator[LanguageShares]:
    for text in texts:
        yield LanguageShares(
            target=text.target, n_target=1, n_english=0, n_other=0, n_undetermined=0, target_chars=1,
            determined_chars=1, n_sentences=0, n_foreign_sentences=0, top=text.target, excluded_share=0.0,
        )  # fmt: skip


def measured(step: str, folder: Path, entries: int) -> float:
    """Return the megabytes that a step takes beyond the items and requests."""
    loaded = load_task(TASKS[TASK], None, LANGS, None, None)
    n_items = sum(map(len, loaded.items.values()))
    options = TaskOptions(sampling=Sampling(temperature=1.0, max_tokens=64), named=("temperature", "max_tokens"))
    config = RunConfig(languages=LANGS, samples=max(1, entries // n_items), options=options)
    if step in ("fresh", "resume", "finished"):
        backend = WordyModel()
        plan = plan_run(backend, [loaded], config)
        encoded: list[Encoded] = backend.encode([each.request for each in plan.asked])
        before = now_mb()
        del encoded
        if step == "resume":  # the journal is there, the results are not
            manifest = json.loads((folder / "run" / "run.json").read_text())
            (folder / "run" / "run.json").write_text(json.dumps({**manifest, "finished": False}))
        run(backend, [loaded], config, folder / "run", resume=step != "fresh", plan=plan)
        return peak_mb() - before
    before = now_mb()
    if step == "rescore":
        rescore(folder / "run", folder / "rescored", TASKS)
    elif step == "compare":
        from xleval.cli import main

        main(["compare", str(folder / "run"), str(folder / "rescored"), "--json"], standalone_mode=False)
    elif step == "report":
        from xleval.cli import main

        main(["report", str(folder / "run"), "--out", str(folder / "again.html")], standalone_mode=False)
    return peak_mb() - before


def child(step: str, folder: Path, entries: int, chars: int, plain: bool) -> None:
    WordyModel.n_chars = chars
    if plain:
        language_columns.count_texts = no_languages
    import atexit

    found: list[float] = []
    atexit.register(lambda: print(f"MB {found[0] if found else peak_mb() - now:.0f}", file=sys.stderr))
    now = now_mb()
    found.append(measured(step, folder, entries))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("entries", nargs="*", type=int, default=[2_000, 20_000, 200_000])
    parser.add_argument("--chars", type=int, default=2000)
    parser.add_argument("--only", default=",".join(STEPS))
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        step, folder, entries = given.child
        return child(step, Path(folder), int(entries), given.chars, given.plain)
    print(f"completions of {given.chars} characters; MB beyond items and requests")
    for entries in given.entries:
        with tempfile.TemporaryDirectory() as folder:
            for step in given.only.split(","):
                done = subprocess.run(
                    [sys.executable, __file__, "--child", step, folder, str(entries), "--chars", str(given.chars)]
                    + ["--plain"] * given.plain,
                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                )  # fmt: skip
                told = [line for line in done.stderr.splitlines() if line.startswith("MB ")]
                print(f"{entries:>8} {step:<9} {told[-1] if told else done.stderr[-300:]}", flush=True)


if __name__ == "__main__":
    main()
