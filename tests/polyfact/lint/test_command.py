"""`xleval lint`: exit codes, tables, JSON and the file of findings."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from xleval.commands.lint import lint
from xleval.errors import ConfigError, DataError

LEAK = {"id": "a", "question": "What is the capital of Parisland, Paris?", "choices": ["Paris", "Rome"], "answer": 0}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(lint, arguments)


@pytest.fixture
def leaking(tmp_path: Path) -> Path:
    (tmp_path / "en.jsonl").write_text(json.dumps(LEAK) + "\n", encoding="utf-8")
    return tmp_path


def test_a_clean_set_ends_with_0(embedded_set: Path):
    result = run(str(embedded_set), "--langs", "en,sw")
    assert result.exit_code == 0, result.output
    assert "9 wrong entity: not checked: needs a judge" in result.output


def test_a_set_over_its_limit_ends_with_3_and_every_finding_is_written(leaking: Path, tmp_path: Path):
    out = tmp_path / "found" / "all.jsonl"
    result = run(str(leaking), "--out", str(out), "--limit", "4=none", "--limit", "35=none")
    assert result.exit_code == 3
    assert "above the limit: 1 gold in question" in result.stderr
    [finding] = [
        json.loads(line) for line in out.read_text(encoding="utf-8").splitlines() if json.loads(line)["number"] == 1
    ]
    assert finding == {
        "number": 1, "lang": "en", "item_id": "a", "shown": LEAK["question"], "detail": "gold 'Paris'", "place": "en.jsonl row 1",
    }  # fmt: skip
    assert [path.name for path in out.parent.iterdir()] == ["all.jsonl"]


def test_limits_decide(leaking: Path):
    assert run(str(leaking), "--limit", "1=1", "--limit", "35=1").exit_code == 0
    with pytest.raises(ConfigError, match="CLASS=SHARE"):
        CliRunner().invoke(lint, [str(leaking), "--limit", "99=0.1"], catch_exceptions=False)
    with pytest.raises(ConfigError, match="between 0 and 1"):
        CliRunner().invoke(lint, [str(leaking), "--limit", "1=7"], catch_exceptions=False)


def test_json_names_every_class(leaking: Path):
    result = run(str(leaking), "--json")
    value = json.loads(result.stdout)
    assert value["rows"] == {"en": 1}
    assert {"class": 1, "language": "en"} in value["over_limit"]


def test_a_name_that_is_neither_path_nor_hub_id_is_refused(tmp_path: Path):
    with pytest.raises(DataError, match="does not exist"):
        CliRunner().invoke(lint, [str(tmp_path / "nothing" / "here")], catch_exceptions=False)


def test_without_a_network_the_hub_is_one_clear_line(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("huggingface_hub")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(DataError, match="no local path, and the hub does not give it") as error:
        CliRunner().invoke(lint, ["nobody/no-such-set-here"], catch_exceptions=False)
    assert "\n" not in str(error.value)
