"""The memory of a long run does not grow with the text of its journal."""

import subprocess
import sys
from pathlib import Path

import pytest

N_ENTRIES = 1500

#: A run of the mock model with completions of `n_chars` characters, no two alike, and the memory that it took at most.
#: Telling languages is left out: it takes one text after the other, and would take most of the time.
RUN = """
import resource, sys
from pathlib import Path

from xleval.data.language_id import LanguageShares
from xleval.evalkit import language_columns
from xleval.evalkit.backends.mock import MockModel
from xleval.evalkit.requests import Completion, Sampling
from xleval.evalkit.rescore import rescore
from xleval.evalkit.runner import RunConfig, run
from xleval.evalkit.task import TaskOptions, load_task
from xleval.tasks import TASKS

step, folder, n_chars, n_entries = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])

class Wordy(MockModel):
    def _complete(self, request):
        number = self._hash(request.prompt_ids, (request.seed,)).hex()
        text = f"<think>{number} " + "the river is long " * (n_chars // 18) + "</think> 42"
        return Completion(key=request.key, text=text, finish_reason="stop", n_tokens=9)

def untold(texts, processes=1, *, n_texts=None):
    for text in texts:
        yield LanguageShares(
            target=text.target, n_target=1, n_english=0, n_other=0, n_undetermined=0, target_chars=1,
            determined_chars=1, n_sentences=0, n_foreign_sentences=0, top=text.target, excluded_share=0.0)

language_columns.count_texts = untold
if step == "rescore":
    rescore(folder, folder.with_name("rescored"), TASKS)
else:
    loaded = load_task(TASKS["sample"], None, ("en",), None, None)
    n_items = len(loaded.items["en"])
    options = TaskOptions(sampling=Sampling(temperature=1.0, max_tokens=64), named=("temperature", "max_tokens"))
    config = RunConfig(languages=("en",), samples=n_entries // n_items, options=options)
    run(Wordy(), [loaded], config, folder, resume=step == "resume")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def peak_mb(step: str, folder: Path, n_chars: int) -> float:
    done = subprocess.run(
        [sys.executable, "-c", RUN, step, str(folder), str(n_chars), str(N_ENTRIES)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(done.stdout)


def text_mb(folder: Path) -> float:
    return (folder / "journal.jsonl").stat().st_size / (1 << 20)


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in another unit elsewhere")
def test_memory_does_not_grow_with_the_text_of_the_journal(tmp_path: Path) -> None:
    short, long = tmp_path / "short" / "run", tmp_path / "long" / "run"
    short.parent.mkdir()
    long.parent.mkdir()
    little, much = peak_mb("fresh", short, 100), peak_mb("fresh", long, 60_000)
    manifest = long / "run.json"
    manifest.write_text(manifest.read_text().replace('"finished": true', '"finished": false'))
    resumed = peak_mb("resume", long, 60_000)
    more_text = text_mb(long) - text_mb(short)
    assert more_text > 80
    # Held once, the text alone would be all of it. What waits for the disk and what is written and read together is some
    # 40 MB, however much text there is.
    assert max(much, resumed) - little < 0.75 * more_text, (little, much, resumed)
