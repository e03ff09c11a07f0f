import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from xleval.data.journal import Journal
from xleval.data.storage import read_json
from xleval.errors import BackendError, ConfigError, DataError
from xleval.evalkit import answering
from xleval.evalkit.backends.mock import MockModel
from xleval.evalkit.outcome_rows import from_row
from xleval.evalkit.requests import Completion, Encoded, GenerateRequest, Outcome, Sampling, Unscored
from xleval.evalkit.run_folder import default_folder
from xleval.evalkit.runner import RunConfig, plan_run, run
from xleval.evalkit.samples import read_samples
from xleval.evalkit.task import LoadedTask, TaskOptions, load_task
from xleval.tasks import TASKS

LANGS = ("zh", "sw", "en")
CONFIG = RunConfig(languages=LANGS, limit=8)
SAME_BYTES = ("results.json", "samples.parquet", "report.html", "journal.jsonl")


@pytest.fixture
def tasks(embedded_set: Path) -> list[LoadedTask]:
    return [load_task(TASKS["polyfact"], embedded_set, LANGS, 8), load_task(TASKS["sample"], None, LANGS, 8)]


class CountingModel(MockModel):
    """Counts the requests that it is asked, and can fail at one."""

    def __init__(self, fail_at: int | None = None) -> None:
        super().__init__("counting")
        self.asked: list[str] = []
        self._fail_at = fail_at

    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        for batch in batches:
            if self._fail_at is not None and len(self.asked) >= self._fail_at:
                raise KeyboardInterrupt
            self.asked += [request.key for request in batch]
            yield from super().run([batch])


class SilentModel(MockModel):
    """Fails every fifth request."""

    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        for batch in batches:
            for outcomes in super().run([batch]):
                yield [
                    Unscored(key=outcome.key, reason="server said 500") if place % 5 == 0 else outcome
                    for place, outcome in enumerate(outcomes)
                ]


def test_a_run_writes_what_is_needed_to_repeat_and_to_read_it(tasks: list[LoadedTask], tmp_path: Path) -> None:
    results = run(MockModel(), tasks, CONFIG, tmp_path / "run")
    assert {path.name for path in (tmp_path / "run").iterdir()} == {*SAME_BYTES, "run.json"}
    manifest = read_json(tmp_path / "run/run.json")
    assert manifest["finished"] is True
    assert manifest["config"]["model"]["model"] == "mock"
    assert manifest["config"]["tasks"]["polyfact"]["items"] == tasks[0].fingerprint
    assert manifest["environment"]["packages"]["numpy"]
    assert results == read_json(tmp_path / "run/results.json")
    samples = read_samples(tmp_path / "run/samples.parquet")
    assert len(samples) == 2 * 8 * len(LANGS)
    assert {sample.correct for sample in samples} <= {True, False}
    choice = next(sample for sample in samples if sample.kind == "choice")
    assert len(choice.sum_logprobs) == len(choice.choice_ids) == 4


def test_the_same_items_in_every_language(tasks: list[LoadedTask]) -> None:
    for loaded in tasks:
        ids = [[item.item_id for item in loaded.items[lang]] for lang in LANGS]
        assert ids[0] == ids[1] == ids[2]
        assert len(ids[0]) == 8


def test_two_runs_have_the_same_bytes(tasks: list[LoadedTask], tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(MockModel(), tasks, CONFIG, tmp_path / name)
    for name in SAME_BYTES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


@pytest.mark.parametrize("fail_at", [0, 8, 24, 40])
def test_an_interrupted_run_goes_on_without_repeating(tasks: list[LoadedTask], tmp_path: Path, fail_at: int) -> None:
    whole = CountingModel()
    run(whole, tasks, CONFIG, tmp_path / "whole")
    broken = CountingModel(fail_at)
    with pytest.raises(KeyboardInterrupt):
        run(broken, tasks, CONFIG, tmp_path / "broken")
    rest = CountingModel()
    run(rest, tasks, CONFIG, tmp_path / "broken", resume=True)
    assert broken.asked + rest.asked == whole.asked
    for name in SAME_BYTES:
        assert (tmp_path / "broken" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    assert len(read_json(tmp_path / "broken/run.json")["starts"]) == 2


def test_a_finished_run_is_not_asked_again(tasks: list[LoadedTask], tmp_path: Path) -> None:
    first = run(CountingModel(), tasks, CONFIG, tmp_path / "run")
    again = CountingModel()
    assert run(again, tasks, CONFIG, tmp_path / "run", resume=True) == first
    assert again.asked == []


def test_a_changed_configuration_is_refused_by_name(tasks: list[LoadedTask], tmp_path: Path) -> None:
    run(MockModel(), tasks, CONFIG, tmp_path / "run")
    with pytest.raises(ConfigError, match=r"differs in seed \(0 → 7\)"):
        run(MockModel(), tasks, replace(CONFIG, seed=7), tmp_path / "run", resume=True)
    with pytest.raises(ConfigError, match=r'model\.model \("mock" → "other"\)'):
        run(MockModel("other"), tasks, CONFIG, tmp_path / "run", resume=True)
    options = TaskOptions(scaffold="english")
    with pytest.raises(ConfigError, match=r'options\.scaffold \("native" → "english"\)'):
        run(MockModel(), tasks, replace(CONFIG, options=options), tmp_path / "run", resume=True)
    with pytest.raises(ConfigError, match=r"already holds this configuration, finished. Go on with --resume"):
        run(MockModel(), tasks, CONFIG, tmp_path / "run")


def test_a_failed_request_is_unscored_and_not_wrong(tasks: list[LoadedTask], tmp_path: Path) -> None:
    results = run(SilentModel(), tasks, CONFIG, tmp_path / "run")
    samples = read_samples(tmp_path / "run/samples.parquet")
    missing = [sample for sample in samples if sample.unscored_reason]
    assert missing
    assert {sample.correct for sample in missing} == {None}
    rows = [row for task in results["tasks"].values() for row in task["rows"]]
    assert sum(row["n_unscored"] for row in rows) == len(missing)
    assert {row["n"] for row in rows} == {8}


def test_what_failed_is_asked_again_on_resume_and_nothing_else(tasks: list[LoadedTask], tmp_path: Path) -> None:
    class Mended(CountingModel):
        def __init__(self) -> None:
            super().__init__()
            self.fingerprint = SilentModel().fingerprint

    run(SilentModel(), tasks, CONFIG, tmp_path / "run")
    samples = read_samples(tmp_path / "run/samples.parquet")
    failed = [f"{each.task}/{each.lang}/{each.item_id}" for each in samples if each.unscored_reason]
    mended = Mended()
    results = run(mended, tasks, CONFIG, tmp_path / "run", resume=True)
    assert sorted(mended.asked) == sorted(failed)
    assert all(task["n_unscored"] == 0 for task in results["tasks"].values())
    before = {(each.task, each.lang, each.item_id): each for each in samples if not each.unscored_reason}
    for each in read_samples(tmp_path / "run/samples.parquet"):
        assert before.get((each.task, each.lang, each.item_id), each) == each
    again = Mended()
    assert run(again, tasks, CONFIG, tmp_path / "run", resume=True) == results
    assert again.asked == []


def test_the_prompts_and_options_are_what_was_asked(tasks: list[LoadedTask], tmp_path: Path) -> None:
    run(MockModel(), tasks, replace(CONFIG, options=TaskOptions(scaffold="english")), tmp_path / "run")
    prompts = [s.prompt for s in read_samples(tmp_path / "run/samples.parquet") if s.task == "polyfact"]
    assert all(prompt.startswith("Question: ") and prompt.endswith("\nAnswer:") for prompt in prompts)


def test_nothing_to_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing to run"):
        run(MockModel(), [], CONFIG, tmp_path / "run")


def test_the_default_folder_follows_the_signature(tasks: list[LoadedTask]) -> None:
    one = plan_run(MockModel(), tasks, CONFIG).signature
    two = plan_run(MockModel(), tasks, replace(CONFIG, seed=1)).signature
    assert default_folder(one, "some/model:7b") == default_folder(one, "some/model:7b")
    assert default_folder(one, "some/model:7b").parent.name == "runs"
    assert default_folder(one, "some/model:7b").name.startswith("model-7b-")
    assert default_folder(one, "m") != default_folder(two, "m")


SAMPLED = replace(CONFIG, samples=4, options=TaskOptions(sampling=Sampling(temperature=0.8, max_tokens=40)))


def test_several_samples_of_a_prompt_are_drawn_apart_and_counted(tasks: list[LoadedTask], tmp_path: Path) -> None:
    results = run(MockModel(), tasks, SAMPLED, tmp_path / "run")
    samples = read_samples(tmp_path / "run/samples.parquet")
    drawn = [each for each in samples if each.task == "sample"]
    assert len(drawn) == 4 * 8 * len(LANGS)
    assert [each.sample_index for each in drawn[:5]] == [0, 1, 2, 3, 0]
    first = {each.completion for each in drawn[:4]}
    assert len(first) > 1  # each with a seed of its own
    assert len([each for each in samples if each.task == "polyfact"]) == 8 * len(LANGS)  # a choice is scored once
    row = results["tasks"]["sample"]["rows"][0]
    assert (row["n"], row["n_draws"], list(row["pass_at"])) == (8, 4, ["2", "4"])
    of_row = [each.correct is True for each in drawn if each.lang == row["lang"]]
    assert row["accuracy"] is not None
    assert row["accuracy"]["value"] == pytest.approx(sum(of_row) / 32)
    with pytest.raises(ConfigError, match="--samples 4 at temperature 0 gives the same completion 4 times"):
        replace(CONFIG, samples=4)


def test_a_seed_decides_what_is_drawn(tasks: list[LoadedTask], tmp_path: Path) -> None:
    for name, seed in (("one", 0), ("same", 0), ("other", 1)):
        run(MockModel(), tasks, replace(SAMPLED, seed=seed), tmp_path / name)
    texts = {
        name: [each.completion for each in read_samples(tmp_path / name / "samples.parquet")]
        for name in ("one", "same", "other")
    }
    assert texts["one"] == texts["same"] != texts["other"]


def test_a_length_budget_gives_each_language_its_limit(tasks: list[LoadedTask], tmp_path: Path) -> None:
    # MockModel's tokens are UTF-8 bytes: the limit of Chinese by characters is its bytes a character over English's
    plan = plan_run(MockModel(), tasks, replace(CONFIG, length_budget="chars"))
    limits = plan.signature["tasks"]["sample"]["max_tokens"]
    assert limits["en"] == 256
    items = {lang: [item.question for item in tasks[1].items[lang]] for lang in LANGS}
    a_character = {lang: len("".join(texts).encode()) / len("".join(texts)) for lang, texts in items.items()}
    assert limits["zh"] == math.ceil(256 * a_character["zh"] / a_character["en"])
    assert plan.signature["tasks"]["polyfact"]["max_tokens"] is None
    asked = {
        each.lang: each.request.sampling.max_tokens for each in plan.asked if isinstance(each.request, GenerateRequest)
    }
    assert asked == limits


class ChattyModel(MockModel):
    def __init__(self) -> None:
        super().__init__()
        self.has_chat_template = True


def test_the_model_decides_whether_tasks_that_generate_are_asked_in_conversations(tasks: list[LoadedTask]) -> None:
    def chats(model: MockModel, chat: bool | None) -> dict[str, bool]:
        signed = plan_run(model, tasks, replace(CONFIG, chat=chat)).signature["tasks"]
        return {name: signed[name]["chat"] for name in ("polyfact", "sample")}

    assert chats(ChattyModel(), None) == {"polyfact": False, "sample": True}
    assert chats(ChattyModel(), True) == {"polyfact": True, "sample": True}
    assert chats(ChattyModel(), False) == {"polyfact": False, "sample": False}
    assert chats(MockModel(), None) == {"polyfact": False, "sample": False}


class ThinkingModel(MockModel):
    """Reasons in tags before it answers, and is cut at its limit in every third completion."""

    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        for batch in batches:
            yield [
                Completion(key=each.key, text="<think>maybe 5", finish_reason="length", n_tokens=9)
                if place % 3 == 0
                else Completion(
                    key=each.key, text="<think>maybe 5</think>The answer is 7.", finish_reason="stop", n_tokens=9
                )
                for place, each in enumerate(batch)
            ]


def test_reasoning_is_split_from_the_answer_and_a_cut_one_is_wrong(tasks: list[LoadedTask], tmp_path: Path) -> None:
    results = run(ThinkingModel(), tasks[1:], CONFIG, tmp_path / "run")
    samples = read_samples(tmp_path / "run/samples.parquet")
    whole = [each for each in samples if each.finish_reason == "stop"]
    cut = [each for each in samples if each.finish_reason == "length"]
    assert {(each.reasoning, each.prediction) for each in whole} == {("maybe 5", "7")}
    assert {(each.reasoning, each.prediction, each.correct) for each in cut} == {("maybe 5", None, False)}
    row = results["tasks"]["sample"]["rows"][0]
    assert row["truncated"] == pytest.approx(3 / 8)
    assert row["n_unscored"] == 0


class FullDisk(Journal):
    def append(self, *batches: object) -> None:
        raise DataError("cannot write the journal: No space left on device; --resume goes on from here")


def test_a_full_disk_ends_the_run_with_one_error(
    tasks: list[LoadedTask], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "Journal", FullDisk)
    with pytest.raises(DataError, match="No space left on device"):
        run(MockModel(), tasks, CONFIG, tmp_path / "run")


class ForgetfulModel(MockModel):
    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        for outcomes in super().run(batches):
            yield outcomes[:-1]


def test_a_backend_that_leaves_a_request_out_is_an_error(tasks: list[LoadedTask], tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=r"answered 42 of 48 requests"):
        run(ForgetfulModel(), tasks, CONFIG, tmp_path / "run")


def test_a_prompt_that_does_not_fit_leaves_no_run_behind(
    tasks: list[LoadedTask], tmp_path: Path, tiny_checkpoint: Callable[[str], Path]
) -> None:
    from xleval.evalkit.backends.hf import HfBackend

    with pytest.raises(ConfigError, match=r"with max_tokens=256 has \d+ tokens; the model takes 256"):
        run(HfBackend(str(tiny_checkpoint("llama"))), tasks[1:], CONFIG, tmp_path / "run")
    assert list((tmp_path / "run").iterdir()) == []


@pytest.mark.parametrize(
    "row",
    [{"type": "Completion", "key": "k", "text": 7, "finish_reason": "stop", "n_tokens": 1},
     {"type": "Completion", "key": "k", "text": "", "finish_reason": "abort", "n_tokens": 1},
     {"type": "ChoiceScores", "key": "k", "sum_logprobs": ["-1"], "n_tokens": [1]},
     {"type": "ChoiceScores", "key": "k", "sum_logprobs": [-1.0, -2.0], "n_tokens": [1]},
     {"type": "Unscored", "key": "k", "reason": None}, {"type": ["Completion"], "key": "k"}, {}],
)  # fmt: skip
def test_an_outcome_of_another_shape_is_refused_before_it_is_scored(row: dict[str, object]) -> None:
    with pytest.raises(DataError, match="this version cannot read"):
        from_row(row)
