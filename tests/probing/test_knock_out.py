"""The knock-out check: against models whose weights were edited, against losses made by hand, and its random sets."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from tests.probing.head_cases import OPTIONS, TEXT, head_columns, nothing, own_loss, tiny  # noqa: E402
from xleval.errors import DataError  # noqa: E402
from xleval.evalkit.probe_schema import KnockOutJson  # noqa: E402
from xleval.evalkit.shapes import unlike  # noqa: E402
from xleval.evalkit.statistics import resample_counts  # noqa: E402
from xleval.probing.batches import encode  # noqa: E402
from xleval.probing.knock_out import knock_out, knock_out_table, random_sets, zeroed  # noqa: E402
from xleval.probing.knock_out_figures import Condition, Losses, knock_out_json  # noqa: E402
from xleval.probing.losses import SentenceLosses, n_scored  # noqa: E402
from xleval.probing.model import ProbedModel  # noqa: E402
from xleval.probing.options import ProbeOptions  # noqa: E402

Tiny = Callable[..., ProbedModel]
HEADS = {"en": [(0, 1), (1, 3)], "sw": [(0, 3), (1, 2)]}


@pytest.fixture
def make(tmp_path: Path) -> Tiny:
    return lambda name, **how: tiny(name, tmp_path / name, **how)


def _neuron_column(probed: ProbedModel, layer: int, neuron: int) -> Any:
    from transformers.pytorch_utils import Conv1D

    module: Any = probed.structure.layers[layer].neurons
    return (module.weight.data.T if isinstance(module, Conv1D) else module.weight.data)[:, neuron]


def _logits(probed: ProbedModel) -> Any:
    with torch.no_grad():
        return probed.model(input_ids=torch.tensor([[1, 4, 9, 20, 33], [1, 5, 30, 8, 3]])).logits


@pytest.mark.parametrize("name", ["llama", "gpt2", "gemma3"])
@pytest.mark.parametrize("what", ["heads", "neurons"])
def test_zeroed_parts_are_those_whose_columns_of_the_projection_are_zero(make: Tiny, name: str, what: Any) -> None:
    probed = make(name)
    whole = _logits(probed)
    parts = ((0, 1), (1, 0), (1, 3)) if what == "heads" else ((0, 7), (0, 8), (1, 40))
    with zeroed(probed, what, parts):
        hooked = _logits(probed)
    assert torch.equal(_logits(probed), whole)  # and nothing is left behind
    for part in parts:
        (head_columns if what == "heads" else _neuron_column)(probed, *part).zero_()
    edited = _logits(probed)
    assert torch.equal(hooked, edited)
    assert float((edited - whole).abs().max()) > 0.01


def _edited_losses(make: Tiny, heads: list[tuple[int, int]], text: str) -> tuple[float, int]:
    """Return the summed loss and tokens of a text in a model without heads, by transformers alone."""
    probed = make("gpt2")
    for each in heads:
        head_columns(probed, *each).zero_()
    ids = [each.ids for each in encode(probed.encoder, TEXT.sentences[text], max_tokens=64)]
    return sum(own_loss(probed.model, each) * (len(each) - 1) for each in ids), sum(len(each) - 1 for each in ids)


def test_rises_are_differences_of_the_losses_of_edited_models(make: Tiny, tmp_path: Path) -> None:
    options = replace(OPTIONS, random_sets=2)
    counts: list[int] = []
    found = knock_out(make("gpt2"), HEADS, "heads", TEXT, options, tmp_path / "check", counts.append, "tiny")
    assert unlike(found, KnockOutJson) is None
    assert sum(counts) == 4 * 2 * (1 + 2 + 2)
    whole = {lang: _edited_losses(make, [], lang) for lang in HEADS}
    for lang, (total, tokens) in whole.items():
        assert found["perplexity"][lang] == pytest.approx(np.exp(total / tokens), rel=1e-9)
    shape = [(cell["of"], cell["random"], cell["text"]) for cell in found["cells"]]
    assert shape == [
        ("en", 0, "en"), ("en", 0, "sw"), ("en", 1, "en"), ("en", 2, "en"),
        ("sw", 0, "en"), ("sw", 0, "sw"), ("sw", 1, "sw"), ("sw", 2, "sw"),
    ]  # fmt: skip
    for cell in found["cells"]:
        assert cell["low"] <= cell["increase"] <= cell["high"]
        drawn = random_sets(tuple(HEADS[cell["of"]]), (2, 4), options)
        heads = drawn[cell["random"] - 1] if cell["random"] else HEADS[cell["of"]]
        total, tokens = _edited_losses(make, list(heads), cell["text"])
        assert cell["increase"] == pytest.approx((total - whole[cell["text"]][0]) / tokens, rel=1e-7)
    english = found["languages"][0]
    rises = [cell["increase"] for cell in found["cells"] if cell["of"] == "en"]
    assert [english["own"], english["others"], *english["random_own"]] == rises
    assert english["specific"][0] == pytest.approx(rises[0] - rises[1])
    assert english["over_random"][0] == pytest.approx(rises[0] - (rises[2] + rises[3]) / 2)


def test_a_planted_head_takes_all_attention_with_it(make: Tiny, tmp_path: Path) -> None:
    probed = make("gpt2")
    for head in product(range(2), range(4)):
        if head != (1, 2):
            head_columns(probed, *head).zero_()
    sets = {"en": [(1, 2)], "sw": [(0, 0)]}
    found = knock_out(probed, sets, "heads", TEXT, OPTIONS, tmp_path / "check", nothing, "tiny")
    rises = {(cell["of"], cell["random"], cell["text"]): cell["increase"] for cell in found["cells"]}
    every = list(product(range(2), range(4)))
    for lang in TEXT.langs:
        total, tokens = _edited_losses(make, every, lang)
        expected = total / tokens - np.log(found["perplexity"][lang])
        assert rises["en", 0, lang] == pytest.approx(expected, rel=1e-7)
        assert rises["sw", 0, lang] == 0
    assert found["languages"][0]["random_own"] == [0, 0, 0]  # drawn in the layer, beside the planted head


def _losses(*pairs: tuple[float, int]) -> Losses:
    return Losses(sums=np.array([a for a, _ in pairs], dtype=float), tokens=np.array([b for _, b in pairs]))


def _by_hand() -> tuple[dict[str, Losses], list[Condition]]:
    """Return three sentences in three languages: tokens en 2 3 5, sw 4 4 2, hi 1 1 8; all losses of the whole model 10."""
    tokens = {"en": (2, 3, 5), "sw": (4, 4, 2), "hi": (1, 1, 8)}
    whole = {lang: _losses(*((10.0, n) for n in each)) for lang, each in tokens.items()}

    def without(lang: str, *rises: float) -> Losses:
        return _losses(*((10.0 + rise, n) for rise, n in zip(rises, tokens[lang], strict=True)))

    conditions = []
    for of in tokens:
        read = {lang: without(lang, *((4.0, 6.0, 10.0) if lang == of else (1.0, 2.0, 2.0))) for lang in tokens}
        conditions.append(Condition(of=of, random=0, size=2, losses=read))
        for number, rises in enumerate(((0.0, 3.0, 1.0), (2.0, 2.0, 4.0)), start=1):
            conditions.append(Condition(of=of, random=number, size=2, losses={of: without(of, *rises)}))
    return whole, conditions


def test_rises_by_hand() -> None:
    whole, conditions = _by_hand()
    found = knock_out_json("tiny", 3, whole, conditions, ProbeOptions(resamples=20))
    english = found["languages"][0]
    # own: 20 nats over 10 tokens; others: 5 over 10 in each; random: 4 and 8 over 10.
    assert (english["own"], english["others"], english["random_own"]) == (2.0, 0.5, [0.4, 0.8])
    assert english["specific"][0] == pytest.approx(1.5)
    assert english["over_random"][0] == pytest.approx(1.4)
    assert english["over_other_sets"][0] == pytest.approx(1.5)  # those of sw and hi: 5 over 10 on the English text
    assert found["perplexity"]["hi"] == pytest.approx(np.exp(30 / 10))


def test_intervals_draw_a_sentence_with_all_that_was_read_of_it() -> None:
    whole, conditions = _by_hand()
    options = ProbeOptions(resamples=200, seed=5)
    english = knock_out_json("tiny", 3, whole, conditions, options)["languages"][0]
    specific, over_random = [], []
    for counts in np.concatenate(list(resample_counts(3, 200, np.random.default_rng(5)))):
        drawn = np.repeat(np.arange(3), counts.astype(int))  # the sentences themselves, one by one
        rise = {}
        for each in conditions[:3]:
            for lang, losses in each.losses.items():
                more = sum(losses.sums[i] - whole[lang].sums[i] for i in drawn)
                rise[each.random, lang] = more / sum(whole[lang].tokens[i] for i in drawn)
        specific.append(rise[0, "en"] - (rise[0, "sw"] + rise[0, "hi"]) / 2)
        over_random.append(rise[0, "en"] - (rise[1, "en"] + rise[2, "en"]) / 2)
    np.testing.assert_allclose(english["specific"][1:], np.percentile(specific, [2.5, 97.5]), rtol=1e-12)
    np.testing.assert_allclose(english["over_random"][1:], np.percentile(over_random, [2.5, 97.5]), rtol=1e-12)
    assert english["specific"][1] < english["specific"][2]


def test_a_language_that_suffers_from_every_set_has_none_of_its_own() -> None:
    # English loses 20 nats over 10 tokens whichever language's set is zeroed, the others lose 5.
    whole, conditions = _by_hand()
    fragile = conditions[0].losses["en"]
    conditions = [
        replace(each, losses={**each.losses, "en": fragile}) if not each.random and each.of != "en" else each
        for each in conditions
    ]
    english, swahili, _ = knock_out_json("tiny", 3, whole, conditions, ProbeOptions(resamples=20))["languages"]
    assert english["specific"][0] == pytest.approx(1.5)  # as if its set were its own
    assert english["over_other_sets"] == pytest.approx([0.0, 0.0, 0.0])
    assert swahili["over_other_sets"][0] == pytest.approx(2.0 - 0.5)
    # An empty set compares with nothing, and is no other set: with its rise of 0 English would be at 2 - 2 / 2.
    conditions = [
        replace(each, size=0, losses=whole if not each.random else each.losses) if each.of == "hi" else each
        for each in conditions
    ]
    english, _, hindi = knock_out_json("tiny", 3, whole, conditions, ProbeOptions(resamples=20))["languages"]
    assert english["over_other_sets"] == pytest.approx([0.0, 0.0, 0.0])
    assert hindi["specific"] == hindi["over_other_sets"] == [None, None, None]


@pytest.mark.parametrize("seed", range(5))
def test_random_sets_are_other_parts_as_many_in_every_layer(seed: int) -> None:
    own = ((0, 3), (2, 0), (2, 1), (2, 7))
    sets = random_sets(own, (4, 8), ProbeOptions(random_sets=6, seed=seed))
    assert len(set(sets)) == 6
    for each in sets:
        assert not set(each) & set(own)
        assert len(set(each)) == 4
        assert [layer for layer, _ in each] == [0, 2, 2, 2]
        assert all(0 <= column < 8 for _, column in each)


def test_random_sets_depend_on_the_seed_and_the_own_set_alone() -> None:
    own, options = ((0, 3), (2, 0)), ProbeOptions(random_sets=3)
    first = random_sets(own, (4, 64), options)
    assert random_sets(own, (4, 64), options) == first
    assert random_sets(own, (4, 64), replace(options, seed=1)) != first
    assert random_sets(((0, 3), (2, 1)), (4, 64), options) != first


def test_what_a_layer_lacks_is_drawn_from_others_and_no_set_is_made_up() -> None:
    # Layer 0 has one head that is not the language's: two more come from layer 1.
    for each in random_sets(((0, 0), (0, 1), (0, 2)), (2, 4), ProbeOptions()):
        assert [layer for layer, _ in each] == [0, 1, 1]
        assert (0, 3) in each
    # of one free head in each layer there is one set only; of more than half, none
    assert random_sets(((0, 0), (1, 1)), (2, 2), ProbeOptions(random_sets=3)) == [((0, 1), (1, 0))]
    assert random_sets(((0, 0), (0, 1), (1, 1)), (2, 2), ProbeOptions()) == []
    assert random_sets((), (2, 2), ProbeOptions()) == []


def test_a_language_without_parts_of_its_own_changes_nothing(make: Tiny, tmp_path: Path) -> None:
    sets: dict[str, list[tuple[int, int]]] = {"en": [], "sw": [(0, 5), (1, 40)]}
    counts: list[int] = []
    found = knock_out(make("llama"), sets, "neurons", TEXT, OPTIONS, tmp_path / "check", counts.append, "tiny")
    english, swahili = found["languages"]
    assert (english["size"], english["own"], english["random_own"]) == (0, 0, [])
    assert english["over_random"] == english["specific"] == english["over_other_sets"] == [None, None, None]
    assert swahili["over_other_sets"] == [None, None, None]  # of the other language nothing was zeroed
    assert swahili["own"] != 0
    assert sum(counts) == 4 * 2 * (1 + 2 + 3)


def test_what_was_read_is_kept_and_equal_sets_are_read_once(
    make: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    sums = SentenceLosses.sums
    monkeypatch.setattr(SentenceLosses, "sums", lambda self, batch: read.append(len(batch.rows)) or sums(self, batch))
    probed, options = make("llama"), replace(OPTIONS, random_sets=1)
    counts: list[int] = []

    def check(sets: dict[str, list[tuple[int, int]]], folder: str) -> Any:
        read.clear()
        counts.clear()
        return knock_out(probed, sets, "heads", TEXT, options, tmp_path / folder, counts.append, "tiny")

    first = check(HEADS, "check")
    assert sum(read) == sum(counts) == 4 * (2 + 4 + 2)
    assert check(HEADS, "check") == first
    assert (sum(read), sum(counts)) == (0, 4 * (2 + 4 + 2))
    one = next((tmp_path / "check").glob("*-sw.npz"))
    one.unlink()
    assert check(HEADS, "check") == first
    assert sum(read) == 4
    check({"en": HEADS["en"], "sw": HEADS["en"]}, "equal")
    assert sum(read) == 4 * (2 + 2 + 2)  # whole, own and random, of each text
    assert sum(counts) == 4 * (2 + 4 + 2)


def test_the_table_has_a_row_for_each_cell(make: Tiny, tmp_path: Path) -> None:
    found = knock_out(make("llama"), HEADS, "heads", TEXT, OPTIONS, tmp_path / "check", nothing, "tiny")
    rows = knock_out_table(found).to_pylist()
    assert [{key: row[key] for key in found["cells"][0]} for row in rows] == found["cells"]
    assert {(row["model"], row["text"], row["perplexity"]) for row in rows} == {
        ("tiny", lang, value) for lang, value in found["perplexity"].items()
    }


def test_batches_do_not_matter(make: Tiny, tmp_path: Path) -> None:
    probed = make("llama", double=False)
    one, all_ = (
        knock_out(probed, HEADS, "heads", TEXT, replace(OPTIONS, batch_tokens=n), tmp_path / str(n), nothing, "tiny")
        for n in (1, 1000)
    )
    for a, b in zip(one["cells"], all_["cells"], strict=True):
        assert a["increase"] == pytest.approx(b["increase"], abs=2e-6)


def test_losses_that_are_no_numbers_are_refused(make: Tiny, tmp_path: Path) -> None:
    probed = make("llama")
    probed.model.model.norm.weight.data.fill_(float("nan"))
    with pytest.raises(
        DataError, match="4 of 4 held-out sentences have a loss that is not a number in float32 with 0 heads"
    ):
        knock_out(probed, HEADS, "heads", TEXT, OPTIONS, tmp_path / "check", nothing, "tiny")
    assert not list(tmp_path.rglob("*.npz"))  # it would be read by --resume


def test_held_out_text_without_two_tokens_is_refused(make: Tiny, tmp_path: Path) -> None:
    text = replace(TEXT, sentences={"en": ("w1 w2", "w3"), "sw": ("w4", "w5")})
    probed = make("llama", bos=False)
    assert n_scored(encode(probed.encoder, ["w4"], max_tokens=8)[0]) == 0
    with pytest.raises(DataError, match="no held-out sentence in sw has two tokens; hold out more with --knock-out"):
        knock_out(probed, HEADS, "heads", text, OPTIONS, tmp_path / "check", nothing, "tiny")
