"""`xleval probe`: the three kinds through the command on tiny real models, with their files, and wrong usage."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.training.preference import tiny
from xleval.commands.probe import probe
from xleval.errors import ConfigError, XlevalError
from xleval.evalkit.probe_schema import ProbeJson
from xleval.evalkit.shapes import unlike

LINES = {
    "en": "the cat sleeps\nrain falls\na red house\nthey went home\nbread and salt\none more day\n",
    "de": "die Katze schläft\nRegen fällt\nein rotes Haus\nsie gingen heim\nBrot und Salz\nnoch ein Tag\n",
    "sw": "paka analala\nmvua inanyesha\nnyumba nyekundu\nwalienda nyumbani\nmkate na chumvi\nsiku moja\n",
}
SHORT = ("--max-tokens", 64, "--resamples", 100)
OF_KIND = {
    "neurons": ("--top", 0.1, "--variant", "published", "--blocks", 3, "--knock-out", 2, "--random-sets", 1),
    "heads": ("--top", 0.3, "--head-mask", "trained", "--knock-out", 2, "--random-sets", 1),
    "alignment": ("--pooling", "last", "--pivot", "sw"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the models `base` and `tuned`, and the text `text`."""
    root = tmp_path_factory.mktemp("probe")
    for name, seed in (("base", 0), ("tuned", 1)):
        tiny.model(seed).save_pretrained(root / name)
        tiny.tokenizer().save_pretrained(root / name)
    (root / "text").mkdir()
    for lang, lines in LINES.items():
        (root / "text" / f"{lang}.txt").write_text(lines, encoding="utf-8")
    return root


def run(*arguments: object) -> Result:
    return CliRunner().invoke(probe, [str(argument) for argument in arguments])


def told(*arguments: object) -> str:
    """Return the sentence that a call is answered with, and that it has one line."""
    result = run(*arguments)
    assert isinstance(result.exception, XlevalError), (result.output, result.exception)
    assert "\n" not in str(result.exception)
    return str(result.exception)


@pytest.mark.parametrize("kind", OF_KIND)
def test_two_models_side_by_side_with_all_files(kind: str, place: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = (
        kind, "--model", place / "base", "--against", place / "tuned", "--langs", "en,de,sw", "--text", place / "text",
        "--out", out, *SHORT, *OF_KIND[kind],
    )  # fmt: skip
    result = run(*asked)
    assert result.exit_code == 0, (result.output, result.exception)
    shown, progress = " ".join(result.stdout.split()), result.stderr
    assert "base; against it tuned: 2 layers of 2 query heads and 64 MLP neurons" in shown
    assert "second - first [95 %]" in shown
    assert "not over training seeds" in shown
    assert ("knock-out check (tuned)" in shown) == (kind != "alignment")
    assert f"{out / 'report.html'}" in progress
    assert (
        "18/18 sentences" in progress if kind == "alignment" else "12/12 sentences" in progress
    )  # 3 languages x 6, x 4
    assert (out / "report.html").is_file()
    assert (out / "tables" / f"{kind}.parquet").is_file()
    before = (out / "probe.json").read_bytes()
    again = run(*asked, "--resume", "--json")
    assert unlike(json.loads(again.stdout), ProbeJson) is None
    assert (out / "probe.json").read_bytes() == before
    found = json.loads(before)
    asked_for = {"neurons": ("variant", "published"), "heads": ("head_mask", "trained"), "alignment": ("pivot", "sw")}
    name, value = asked_for[kind]
    assert found["settings"][name] == value
    if kind != "alignment":
        assert found["settings"][{"neurons": "top_neurons", "heads": "top_heads"}[kind]] == OF_KIND[kind][1]


def test_charts_are_files_where_matplotlib_is_installed(place: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "out"
    result = run(
        "alignment", "--model", place / "base", "--langs", "en,de", "--text", place / "text", "--out", out, *SHORT
    )
    assert result.exit_code == 0, result.exception
    drawn = {path.suffix for path in (out / "figures").iterdir()}
    assert drawn == {".png", ".svg"}
    assert json.loads((out / "probe.json").read_text())["settings"]["pivot"] == "en"


def test_a_kind_takes_its_own_options_only(place: Path) -> None:
    for kind, option in (("heads", "--variant"), ("alignment", "--knock-out"), ("neurons", "--pivot")):
        result = run(kind, option, "x")
        assert result.exit_code == 2
        assert f"No such option: {option}" in result.stderr or f"No such option '{option}'" in result.stderr


def test_wrong_usage_is_answered_in_one_line(place: Path, tmp_path: Path) -> None:
    out, text, base = tmp_path / "out", place / "text", place / "base"
    common = ("--model", base, "--text", text, "--out", out)
    assert "unknown language 'xx'" in told("neurons", *common, "--langs", "en,xx")
    assert "name two or more" in told("heads", *common, "--langs", "en")
    assert "ja" in told("heads", *common, "--langs", "en,ja")  # no file of it in the text
    assert "nowhere" in told("heads", "--model", base, "--text", place / "nowhere", "--out", out, "--langs", "en,de")
    assert "the knock-out check keeps 6" in told("heads", *common, "--langs", "en,de", "--limit", 6, "--knock-out", 6)
    same = told("alignment", *common, "--langs", "en,de", "--against", base)
    assert "are the same weights" in same
    assert "pivot sw is not among" in told("alignment", *common, "--langs", "en,de", "--pivot", "sw")
    assert "no such folder" in told(
        "alignment", "--model", place / "no", "--text", text, "--out", out, "--langs", "en,de"
    )
    assert "device 'tpu9'" in told("alignment", *common, "--langs", "en,de", "--device", "tpu9")
    # What a variable that is not set becomes; as a path it is the folder we are in.
    assert told("alignment", *common, "--langs", "en,de", "--against", "").startswith(
        "a model has no name; give a checkpoint"
    )
    unnamed = told("alignment", "--model", base, "--text", "", "--out", out, "--langs", "en,de")
    assert unnamed.startswith("the text has no name; give --text a folder")
    assert not out.exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    full = ("--model", base, "--text", text, "--out", tmp_path / "full")
    assert "is not empty and has no manifest.json" in told("alignment", *full, "--langs", "en,de")


def test_a_gguf_file_without_its_package_is_named_before_it_is_read(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xleval.evalkit.backends import hf_load

    gguf = pytest.importorskip("gguf")
    path = tmp_path / "small.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    monkeypatch.setattr(hf_load, "find_spec", lambda name: None if name == "gguf" else object())
    out = tmp_path / "out"
    message = told("alignment", "--model", path, "--langs", "en,de", "--text", place / "text", "--out", out)
    assert "pip install 'xleval[hf]'" in message
    assert not out.exists()


def test_the_demo_model_is_made_on_the_first_call(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import xleval.small_model

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(xleval.small_model, "small_model", lambda progress: place / "tuned")
    result = run(
        "alignment", "--model", "demo", "--langs", "de,sw", "--text", place / "text", "--out", "out", *SHORT, "--json"
    )
    assert result.exit_code == 0, result.exception
    found = json.loads(result.stdout)
    assert [each["name"] for each in found["models"]] == ["tuned"]
    assert found["settings"]["pivot"] == "de"  # the first language, where English is none of them


def test_wrong_numbers_are_refused(place: Path) -> None:
    for option, value in (("--top", 0), ("--top", 1.5), ("--blocks", 1), ("--random-sets", 0), ("--knock-out", -1)):
        result = run("neurons", option, value)
        assert result.exit_code == 2
        assert option in result.stderr
    assert isinstance(run("neurons").exception, SystemExit)
    with pytest.raises(ConfigError):
        raise run("neurons", "--model", "m", "--langs", "en,en", "--text", "t", "--out", "o").exception  # type: ignore[misc]


def test_a_share_that_is_not_a_number_is_refused(place: Path, tmp_path: Path) -> None:
    common = ("--model", place / "base", "--text", place / "text", "--out", tmp_path / "out", "--langs", "en,de")
    for kind in ("neurons", "heads"):
        assert "nan is no share; give a number above 0, 1 at most, with --top" in told(kind, *common, "--top", "nan")
    assert not (tmp_path / "out").exists()


def test_without_the_extra_is_one_line(tmp_path: Path) -> None:
    code = "import sys; sys.modules['torch'] = None; from xleval.cli import main; main()"
    asked = ["probe", "heads", "--model", "any", "--langs", "en,de", "--text", "any", "--out", str(tmp_path / "out")]
    result = subprocess.run([sys.executable, "-c", code, *asked], capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr == "xleval: a probe needs packages that are not installed: pip install 'xleval[hf]'\n"
    assert not (tmp_path / "out").exists()
