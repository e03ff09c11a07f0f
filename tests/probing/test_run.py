"""A whole probe of tiny real models: what it writes, how it goes on, and what it refuses; pages are tested elsewhere."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from tests.training.preference import tiny
from xleval.data.storage import read_json
from xleval.errors import ConfigError, DataError
from xleval.evalkit.probe_schema import Kind, ProbeJson
from xleval.evalkit.shapes import unlike
from xleval.probing import run
from xleval.probing.options import ProbeOptions
from xleval.probing.texts import ParallelText

KINDS: tuple[Kind, ...] = ("neurons", "heads", "alignment")
ROWS = {
    "en": (
        "the cat sleeps",
        "rain falls",
        "a red house",
        "they went home",
        "bread and salt",
        "one more day",
        "so it is",
    ),
    "de": (
        "die Katze schläft",
        "Regen fällt",
        "ein rotes Haus",
        "sie gingen heim",
        "Brot und Salz",
        "noch ein Tag",
        "so",
    ),
    "ru": ("кот спит", "идёт дождь", "красный дом", "они ушли", "хлеб и соль", "ещё день", "так и есть"),
}
TEXT = ParallelText(source="here", sentences=ROWS, sha256="0" * 64)
OPTIONS = ProbeOptions(
    top_neurons=0.1, top_heads=0.3, blocks=3, max_tokens=64, batch_tokens=80, knock_out=2, random_sets=1, resamples=100
)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Folders of three models that differ in their random weights."""
    root = tmp_path_factory.mktemp("models")
    for seed in range(3):
        tiny.model(seed).save_pretrained(root / f"m{seed}")
        tiny.tokenizer().save_pretrained(root / f"m{seed}")
    return [str(root / f"m{seed}") for seed in range(3)]


@pytest.fixture(autouse=True)
def no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "write_pages", lambda *_, **__: None)


def probe(kind: Kind, out: Path, first: list[str], second: list[str] | None = None, **more: Any) -> ProbeJson:
    text, options = more.pop("text", TEXT), more.pop("options", OPTIONS)
    return run.probe(kind, first, second or [], text, options, out, **more)


def refused(kind: Kind, out: Path, first: list[str], second: list[str] | None = None, **more: Any) -> str:
    with pytest.raises(ConfigError) as error:
        probe(kind, out, first, second, **more)
    return str(error.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_probe_of_two_models_has_the_shape_of_the_contract(kind: Kind, models: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = probe(kind, out, models[:1], models[1:2])
    stored = read_json(out / "probe.json")
    assert unlike(stored, ProbeJson) is None
    assert stored == found
    assert [(each["name"], each["arm"]) for each in found["models"]] == [("m0", "first"), ("m1", "second")]
    size = found["models"][1]
    assert (size["n_layers"], size["n_heads"], size["n_neurons"]) == (2, 2, 64)  # of tiny.model
    assert found["text"]["n_tokens"]["en"] == sum(len(row) for row in ROWS["en"])  # a token is a byte, a BOS none
    assert [each["model"] for each in stored[kind]] == ["m0", "m1"]
    names = {each["name"] for each in found["figures"]}
    assert {each["name"] for each in found["changes"]} == names
    assert all(each["low"] is not None and not each["over_seeds"] for each in found["changes"])
    values = {(each["model"], each["name"]): each["value"] for each in found["figures"]}
    for change in found["changes"]:
        name = change["name"]
        assert change["difference"] == pytest.approx(values["m1", name] - values["m0", name])
    table = pyarrow.parquet.read_table(out / "tables" / f"{kind}.parquet")
    assert pyarrow.parquet.read_table(out / "tables" / "figures.parquet").to_pylist() == found["figures"]
    assert set(table["model"].to_pylist()) == {"m0", "m1"}


def test_cut_sentences_are_counted_by_language(models: list[str], tmp_path: Path) -> None:
    found = probe("alignment", tmp_path / "out", models[:1], options=replace(OPTIONS, max_tokens=16))
    # A token is a byte of UTF-8. The longest of English has 14, of German 18, then 15; of Russian 21, 20, 19, 18, then 15.
    assert found["text"]["n_cut"] == {"en": 0, "de": 1, "ru": 4}
    assert found["text"]["n_tokens"]["en"] == sum(len(row) for row in ROWS["en"])


@pytest.mark.parametrize("kind", ["neurons", "heads"])
def test_the_check_reads_sentences_that_were_not_measured(kind: Kind, models: list[str], tmp_path: Path) -> None:
    found = probe(kind, tmp_path / "all", models[:1])
    (check,) = found["knock_out"]
    assert check["n_sentences"] == 2
    assert [each["lang"] for each in check["languages"]] == ["en", "de", "ru"]
    assert any("The last 2 of 7 sentences" in note for note in found["notes"])
    fewer = replace(TEXT, sentences={lang: rows[:5] for lang, rows in ROWS.items()})
    alone = probe(kind, tmp_path / "five", models[:1], text=fewer, options=replace(OPTIONS, knock_out=0))
    assert alone["figures"] == found["figures"]  # the same five sentences
    assert "knock_out" not in alone
    (reason,) = [each["reason"] for each in alone["refused"] if each["letter"] == "l"]
    assert "not knocked out" in reason
    assert (tmp_path / "all/tables/knock_out.parquet").is_file()


def test_alignment_reads_all_sentences_and_has_no_check(models: list[str], tmp_path: Path) -> None:
    found = probe("alignment", tmp_path / "out", models[:1])
    assert found["units"].startswith("7 sentences")
    assert "knock_out" not in found
    assert found["settings"].keys() == {"pooling", "pivot", "max_tokens", "resamples", "seed", "dtype"}


def test_several_models_of_both_arms_are_seeds(models: list[str], tmp_path: Path) -> None:
    root = Path(models[0]).parent
    tiny.model(9).save_pretrained(root / "m9")
    tiny.tokenizer().save_pretrained(root / "m9")
    found = probe("alignment", tmp_path / "out", models[:2], [models[2], str(root / "m9")])
    assert all(each["over_seeds"] for each in found["changes"])
    assert not found["refused"]
    values = {(each["model"], each["name"]): each["value"] for each in found["figures"]}
    change = found["changes"][0]
    assert change["second"] == pytest.approx((values["m2", change["name"]] + values["m9", change["name"]]) / 2)


class Killed(BaseException):
    """What no handler in the program catches, as little as a kill."""


def files(out: Path) -> dict[str, bytes]:
    """Every file that figures are in, by its path."""
    found = [*out.glob("probe.json"), *out.glob("manifest.json"), *out.glob("tables/*")]
    return {str(path.relative_to(out)): path.read_bytes() for path in found}


@pytest.mark.parametrize(
    ("kind", "step"),
    [("neurons", "measure"), ("neurons", "check"), ("heads", "measure"), ("heads", "check"), ("alignment", "measure")],
)
def test_a_killed_probe_goes_on_and_ends_with_the_same_bytes(
    kind: Kind, step: str, models: list[str], tmp_path: Path
) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    steps: list[str] = []
    probe(kind, whole, models[:1], models[1:2])

    def count(done: int, total: int) -> None:
        if len(steps) > 1 and step == ("check" if "check" in steps[-1] else "measure") and done > total / 2:
            raise Killed

    with pytest.raises(Killed):
        probe(kind, out, models[:1], models[1:2], say=steps.append, count=count)
    assert not read_json(out / "manifest.json")["finished"]
    kept = {path: path.stat().st_ino for path in out.rglob("measured/**/*.npz")}
    assert any(path.stem == "en" for path in kept)
    assert "already holds this configuration, unfinished" in refused(kind, out, models[:1], models[1:2])
    probe(kind, out, models[:1], models[1:2], resume=True)
    assert files(out) == files(whole)
    assert {path: path.stat().st_ino for path in kept} == kept  # read, not measured again


def test_a_finished_probe_is_read_and_not_measured(
    models: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    found = probe("neurons", out, models[:1])
    before = files(out)
    monkeypatch.setattr(run, "loaded", lambda *_, **__: pytest.fail("a model was loaded"))
    smaller = replace(OPTIONS, batch_tokens=7)  # which changes no figure
    assert probe("neurons", out, models[:1], resume=True, options=smaller) == found
    assert files(out) == before
    (out / "probe.json").write_text("{}")
    with pytest.raises(DataError, match=r"schema None, needed is xleval\.probe/1"):
        probe("neurons", out, models[:1], resume=True)


def test_another_probe_in_the_folder_is_refused_by_what_differs(models: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    probe("neurons", out, models[:1])
    told = refused("neurons", out, models[:1], resume=True, options=replace(OPTIONS, top_neurons=0.2, seed=4))
    assert "settings.seed (0 → 4); settings.top_neurons (0.1 → 0.2)" in told
    assert "kind (" in refused("heads", out, models[:1], resume=True)
    assert "models (" in refused("neurons", out, models[1:2], resume=True)
    probe("neurons", out, models[:1], resume=True, options=replace(OPTIONS, top_heads=0.9))  # of heads alone


def test_what_cannot_be_probed_is_refused_before_a_model_is_loaded(
    models: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "loaded", lambda *_, **__: pytest.fail("a model was loaded"))
    out = tmp_path / "out"
    assert "are the same weights" in refused("neurons", out, models[:1], models[:1])
    one = replace(TEXT, sentences={"en": ROWS["en"]})
    assert "one language (en)" in refused("neurons", out, models[:1], text=one)
    told = refused("heads", out, models[:1], options=replace(OPTIONS, knock_out=6))
    assert told == (
        "7 sentences, of which the knock-out check keeps 6: two or more are needed to measure; give more with --limit "
        "or keep fewer with --knock-out"
    )
    told = refused("neurons", out, models[:1], options=replace(OPTIONS, knock_out=1))
    assert told.startswith("a knock-out check on 1 sentence has no interval")
    assert "pivot sw is not among" in refused("alignment", out, models[:1], options=replace(OPTIONS, pivot="sw"))
    assert "no such folder" in refused("heads", out, [str(tmp_path / "nowhere")])
    assert "dtype 'int8'" in refused("heads", out, models[:1], dtype="int8")
    assert not out.exists()


@pytest.fixture(scope="module")
def deeper(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model of three layers and of more neurons than the others."""
    folder = tmp_path_factory.mktemp("deeper") / "m0"
    sizes = LlamaConfig(
        vocab_size=260, hidden_size=32, intermediate_size=96, num_hidden_layers=3, num_attention_heads=2,
        max_position_embeddings=256,
    )  # fmt: skip
    make: Any = LlamaForCausalLM
    make(sizes).save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    return str(folder)


def test_models_of_unlike_sizes_are_refused(
    models: list[str], deeper: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    told = refused("neurons", out, models[:1], [deeper])
    assert "differ in layers (2 and 3)" in told
    assert not out.exists()
    loaded = run.loaded
    monkeypatch.setattr(run, "loaded", lambda *_, **__: pytest.fail("a model was loaded"))
    assert "neurons (64 and 96)" in refused("neurons", out, models[:1], [deeper])
    monkeypatch.setattr(run, "loaded", loaded)
    # What a configuration does not say alike in all architectures is seen when the second model is loaded.
    monkeypatch.setattr(run, "_check_configurations", lambda _: None)
    assert "differ in layers (2 and 3), neurons (64 and 96)" in refused("alignment", out, models[:1], [deeper])


def test_a_refused_model_leaves_no_folder_behind(models: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = refused("neurons", out, models[:1], options=replace(OPTIONS, max_tokens=512))
    assert told == "model m0 reads 256 tokens at most, max_tokens is 512: give --max-tokens 256"
    assert not out.exists()


def test_models_that_are_called_the_same_are_told_apart(models: list[str], tmp_path: Path) -> None:
    for arm, seed in (("base", 5), ("grpo", 6)):
        tiny.model(seed).save_pretrained(tmp_path / arm / "model")
        tiny.tokenizer().save_pretrained(tmp_path / arm / "model")
    found = probe("alignment", tmp_path / "out", [str(tmp_path / "base/model")], [str(tmp_path / "grpo/model")])
    assert [each["name"] for each in found["models"]] == ["base/model", "grpo/model"]
    assert len(list((tmp_path / "out/measured").iterdir())) == 2


def test_models_that_read_other_tokens_are_compared_with_a_note(models: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "no-bos"
    tiny.model(7).save_pretrained(folder)
    bare = tiny.tokenizer()
    bare.backend_tokenizer.post_processor = None
    make: Any = PreTrainedTokenizerFast
    make(tokenizer_object=bare.backend_tokenizer, pad_token="<pad>").save_pretrained(folder)
    found = probe("alignment", tmp_path / "out", models[:1], [str(folder)])
    assert [note for note in found["notes"] if "m0 and no-bos do not read the same tokens" in note]
    same = probe("alignment", tmp_path / "same", models[:1], models[1:2])
    assert not [note for note in same["notes"] if "tokens" in note]


def test_a_damaged_file_of_measurements_is_named(models: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(Killed):
        probe("neurons", out, models[:1], count=lambda done, _: (_ for _ in ()).throw(Killed) if done > 5 else None)
    (path,) = out.rglob("measured/*/en.npz")
    content = path.read_bytes()
    for damaged in (content[:200], content[:-40], b"not an archive", b""):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"en\.npz cannot be read .*; delete it, it will be measured again"):
            probe("neurons", out, models[:1], resume=True)
    (path.parent / ".de.npz.abcd1234").write_bytes(b"half")
    path.unlink()
    probe("neurons", out, models[:1], resume=True)
    assert not list(path.parent.glob(".*"))
