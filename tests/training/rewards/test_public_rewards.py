"""`xleval.rewards` as TRL and verl users call it: the blocks of docs/rewards.md, run."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from xleval.errors import ConfigError
from xleval.rewards import accuracy_reward, compute_score, reward

PAGE = (Path(__file__).parents[3] / "docs/rewards.md").read_text("utf-8")
FOR_TRL, FOR_VERL = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_trl_trains_with_them(tmp_path: Path) -> None:
    """The block of the page on a tiny model; two of four rows have no right answer, so accuracy is missing there, not 0."""
    pytest.importorskip("trl")
    from xleval.training.installed import import_trl

    import_trl()
    from datasets import Dataset

    from tests.training.grpo_trainer import tiny

    rows = [
        {"prompt": f"{lang}: 2 + {n}?\n", "lang": lang, "gold": str(2 + n) if n else None, "item_id": f"q{n}"}
        for n in range(2)
        for lang in ("sw", "en")
    ]
    args = {
        "output_dir": str(tmp_path), "use_cpu": True, "bf16": False, "max_steps": 1, "per_device_train_batch_size": 4,
        "num_generations": 2, "gradient_accumulation_steps": 1, "steps_per_generation": 2, "max_completion_length": 8,
        "log_completions": True, "logging_steps": 1, "report_to": [], "save_strategy": "no", "disable_tqdm": True,
    }  # fmt: skip
    given: dict[str, Any] = {
        "args": args, "model": tiny.model(), "tokenizer": tiny.tokenizer(), "dataset": Dataset.from_list(rows),
    }  # fmt: skip
    exec(FOR_TRL, given)
    (logged,) = [row for row in given["trainer"].state.log_history if "reward" in row]
    assert {f"rewards/language_consistency_reward/{lang}" for lang in ("sw", "en")} <= logged.keys()
    assert logged["rewards/language_consistency_reward/mean"] == 0.0  # eight random bytes are no 20 words
    assert -1 <= logged["rewards/length_reward/mean"] <= 0

    from pyarrow import parquet

    (file,) = (tmp_path / "completions").glob("*.parquet")
    with parquet.ParquetFile(file) as opened:
        table = opened.read().to_pydict()
    assert sorted(table["lang"]) == ["en"] * 4 + ["sw"] * 4
    assert table["gold"].count(None) == 4
    assert all(
        (score is None or score != score) == (gold is None)
        for score, gold in zip(table["accuracy_reward"], table["gold"], strict=True)
    )


def test_verl_scores_with_it() -> None:
    """The block of the page: the call of verl 0.9.1. Six Swahili words of 12 of the reference: 1 + 0.5 x 1."""
    given: dict[str, Any] = {}
    exec(FOR_VERL, given)
    assert given["result"] == {"score": 1.5, "acc": 1.0, "language": 1.0, "format": 1.0, "lang": "sw"}


def test_verl_gets_the_same_keys_for_every_completion() -> None:
    info = {"lang": "Swahili", "question": "Je, ni ngapi?", "answer": "what GSM8K has here", "index": 3}
    results = [
        compute_score("own", text, truth, info, reward_router_address=None, reward_model_tokenizer=None)
        for text, truth in (("Jibu ni 7.", "7"), ("", 7))
    ]
    assert [result["acc"] for result in results] == [1.0, 0.0]
    assert results[0].keys() == results[1].keys()
    with pytest.raises(ConfigError, match="has no question in extra_info"):
        compute_score("own", "7", "7", {"lang": "sw"})
    with pytest.raises(ConfigError, match="needs a column lang or language"):
        compute_score("own", "7", "7", {"question": "?"})
    with pytest.raises(ConfigError, match="has no ground_truth"):
        compute_score("own", "7", None, {"lang": "sw", "question": "?"})


def test_verl_calls_from_many_threads() -> None:
    """verl runs a function that is not async in the event loop's executor."""
    pytest.importorskip("math_verify")
    info = {"lang": "sw", "question": "Je?", "reference_words": 12}
    calls = [
        (f"Kwanza tunasoma swali kwa makini. Jibu ni {n}.", gold)
        for n in range(12)
        for gold in (str(n), r"\frac{1}{2}")
    ]
    alone = [compute_score("own", text, gold, info) for text, gold in calls]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda call: compute_score("own", *call, info), calls))
    assert together == alone
    assert [result["acc"] for result in alone] == [1.0, 0.0] * 12


def test_settings_of_its_own() -> None:
    strict = reward("accuracy", label="strict", max_completion_length=2)
    columns = {"lang": ["en"], "answer": ["45"]}
    assert strict.__name__ == "strict"
    assert strict(["?"], ["so 45"], [[5, 6]], **columns) == [0.0]
    assert accuracy_reward(["?"], ["so 45"], [[5, 6]], **columns) == [1.0]  # it is not told where the limit is
    with pytest.raises(ConfigError, match="call pooled_fact_reward"):
        reward("facts")


def test_nothing_heavy_is_loaded() -> None:
    """In a process of its own: a verl worker imports it for every reward."""
    code = (
        "import sys, xleval.rewards;"
        "print([name for name in ('torch', 'trl', 'numpy', 'transformers', 'pyarrow', 'lingua') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
