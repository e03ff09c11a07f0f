"""Which detectors a run asks, what its signature says, and what another scoring of the same answers keeps."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from xleval.cli import main
from xleval.data.storage import read_json
from xleval.errors import ConfigError, DataError
from xleval.evalkit.backends.mock import MockModel
from xleval.evalkit.checkpoints import TRAINING_FILE, Checkpoint
from xleval.evalkit.detectors import detectors_for, detectors_of, signed_scoring
from xleval.evalkit.language_columns import LanguageScoring
from xleval.evalkit.rescore import rescore
from xleval.evalkit.results_schema import LanguageConsistencyJson, Results
from xleval.evalkit.runner import RunConfig, run
from xleval.evalkit.samples import read_samples
from xleval.evalkit.task import load_task
from xleval.tasks import TASKS

LANGS = ("zh", "sw")
CONFIG = RunConfig(languages=LANGS, limit=4)
REWARDED = LanguageScoring(second=True, headline="second")


class TrainedModel(MockModel):
    """A backend with a checkpoint folder, as those of real engines have."""

    def __init__(self, folder: Path, adapter: Path | None = None) -> None:
        super().__init__("trained")
        self.checkpoint = Checkpoint(
            path=folder, name="trained", is_local=True, revision=None, model_type="llama", sha256="0", adapter=adapter
        )


def trained(folder: Path, **facts: object) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / TRAINING_FILE).write_text(json.dumps(facts), encoding="utf-8")
    return folder


def row_of(results: Results) -> LanguageConsistencyJson:
    found = results["tasks"]["sample"]["rows"][0]["language_consistency"]
    assert found is not None
    return found


def test_a_language_reward_switches_the_second_detector_on(tmp_path: Path) -> None:
    plain, rewarded = trained(tmp_path / "plain", language_reward=False), trained(tmp_path / "r", language_reward=True)
    (tmp_path / "base").mkdir()
    assert detectors_for(MockModel()) == LanguageScoring()
    assert detectors_for(TrainedModel(tmp_path / "base")) == LanguageScoring()
    assert detectors_for(TrainedModel(plain)) == LanguageScoring()
    assert detectors_for(TrainedModel(plain), second=True) == LanguageScoring(second=True)
    assert detectors_for(TrainedModel(rewarded)) == REWARDED
    assert detectors_for(TrainedModel(tmp_path / "base", adapter=rewarded)) == REWARDED
    with pytest.raises(DataError, match="language_reward is 'yes'; true or false is needed"):
        detectors_for(TrainedModel(trained(tmp_path / "bad", language_reward="yes")))


def test_a_signature_names_the_detectors_and_gives_them_back() -> None:
    pytest.importorskip("py3langid")
    for how in (LanguageScoring(), LanguageScoring(second=True), REWARDED):
        signed = signed_scoring(how)
        assert signed["headline_detector"] == how.headline
        assert (signed["second_detector"] is not None) is how.second
        assert detectors_of(signed) == how
    assert detectors_of({"icu": "78", "lingua": "2"}) == LanguageScoring()  # of an older version
    assert detectors_of(None, second=True) == LanguageScoring(second=True)


def test_a_run_of_a_rewarded_model_has_the_second_headline_and_keeps_it(tmp_path: Path) -> None:
    pytest.importorskip("py3langid")
    tasks = [load_task(TASKS["sample"], None, LANGS, 4)]
    plain = run(MockModel("trained"), tasks, CONFIG, tmp_path / "plain")
    found = run(TrainedModel(trained(tmp_path / "m", language_reward=True)), tasks, CONFIG, tmp_path / "run")
    assert (row_of(plain)["headline_detector"], row_of(plain)["second_opinion"]) == ("first", None)
    row = row_of(found)
    opinion = row["second_opinion"]
    assert row["headline_detector"] == "second"
    assert opinion is not None
    assert row["pooled"] == opinion["pooled"]
    assert opinion["n_below"] == row["n_below"]
    config = read_json(tmp_path / "run/run.json")["config"]
    assert config["scoring"]["headline_detector"] == "second"
    assert "second_detector" not in config  # one place says it
    assert {each.headline_detector for each in read_samples(tmp_path / "run/samples.parquet")} == {"second"}

    again = rescore(tmp_path / "run", tmp_path / "again", TASKS)
    assert again == found
    assert rescore(tmp_path / "run", tmp_path / "parallel", TASKS, processes=2) == found
    for name in ("results.json", "samples.parquet"):
        written = (tmp_path / "run" / name).read_bytes()
        assert (tmp_path / "again" / name).read_bytes() == written
        assert (tmp_path / "parallel" / name).read_bytes() == written
    with pytest.raises(ConfigError, match="processes is 0"):
        rescore(tmp_path / "run", tmp_path / "none", TASKS, processes=0)


def test_commands_ask_the_second_detector(tmp_path: Path) -> None:
    pytest.importorskip("py3langid")

    def opinion(*arguments: object) -> object:
        result = CliRunner().invoke(main, [*map(str, arguments), "--json"])
        assert result.exit_code == 0, result.output
        rows = next(iter(json.loads(result.stdout)["tasks"].values()))["rows"]
        return rows[0]["language_consistency"]["second_opinion"]

    model = ("run", "--model", "mock", "--backend", "mock", "--tasks", "sample", "--langs", "sw,zh", "--limit", 3)
    assert opinion(*model, "--out", tmp_path / "first") is None
    asked = opinion(*model, "--out", tmp_path / "both", "--second-detector")
    assert asked is not None
    assert opinion("rescore", tmp_path / "first", "--out", tmp_path / "again", "--second-detector") == asked
    # a run that has the second detector keeps it without being told
    assert opinion("rescore", tmp_path / "both", "--out", tmp_path / "kept") == asked

    rows = [{"lang": "ko", "prompt": "?", "completion": "그래서 남은 사과는 모두 열두 개입니다: 12", "gold": "12"}]
    file = tmp_path / "answers.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    imported = opinion("import", "--from", "jsonl", file, "--second-detector", "--out", tmp_path / "imported")
    assert isinstance(imported, dict)
    assert imported["headline"] == 1.0
