"""COMET-Kiwi: the check with a table of scores; the checkpoint with a tiny random model where unbabel-comet is installed.

The tests with unbabel-comet 2.2.7 ran on 2026-11-21 in an environment of their own (transformers 4.57.6, torch 2.13.0): the
package does not fit transformers 5.
"""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from xleval.data.reasoning.gate.quality_estimation import CometCheckpoint, CometKiwi
from xleval.data.reasoning.records import Pair
from xleval.errors import ConfigError, DataError, MissingExtra


class TableModel:
    """Scores a translation by a table; takes at most twenty characters of source and translation together."""

    def __init__(self, table: Mapping[str, float]) -> None:
        self.table = table
        self.asked: list[tuple[str, str]] = []

    def fingerprint(self) -> Mapping[str, str]:
        return {"table": "1"}

    def too_long(self, source: str, target: str) -> bool:
        return len(source) + len(target) > 20

    def scores(self, texts: Sequence[tuple[str, str]]) -> list[float]:
        self.asked += texts
        return [self.table[target] for _, target in texts]


def pair(target: str, source: str = "a source") -> Pair:
    return Pair(item_id="item-1", lang="es", source=source, target=target)


def test_low_estimates_are_found_in_the_order_of_the_pairs() -> None:
    check = CometKiwi(TableModel({"bad": 0.25, "good": 0.8, "just": 0.6}), least=0.6)
    good, bad, just = check.check([pair("good"), pair("bad"), pair("just")])
    assert good is None
    assert just is None
    assert bad is not None
    assert bad.check == "comet-kiwi"
    assert bad.score == pytest.approx(0.35)
    assert bad.detail == "estimated quality 0.250, at least 0.6 expected"


def test_what_would_be_cut_or_is_empty_is_counted_and_not_scored() -> None:
    model = TableModel({"good": 0.8})
    check = CometKiwi(model)
    assert check.check([pair("much too long for it"), pair(""), pair("good"), pair("good", " ")]) == [None] * 4
    assert check.unchecked == {"too long": 1, "no text": 2}
    assert model.asked == [("a source", "good")]


def test_the_fingerprint_has_model_and_limit_and_a_closed_check_says_so() -> None:
    check = CometKiwi(TableModel({}), least=0.7)
    assert check.fingerprint() == {"table": "1", "least": "0.7"}
    check.close()
    with pytest.raises(ConfigError, match="was closed"):
        check.check([pair("good")])


def test_a_folder_without_checkpoint_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"hparams\.yaml is missing"):
        CometCheckpoint(tmp_path)


@pytest.mark.skipif(find_spec("comet") is not None, reason="unbabel-comet is installed")
def test_without_the_package_the_extra_is_named(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    for name in ("hparams.yaml", "checkpoints/model.ckpt"):
        (tmp_path / name).touch()
    with pytest.raises(MissingExtra, match=r"xleval\[comet\]"):
        CometCheckpoint(tmp_path)


def make_encoder(folder: Path) -> None:
    """Write a random XLM-RoBERTa that takes 24 tokens, with a tokenizer that splits at spaces."""
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    words = ("<s>", "<pad>", "</s>", "<unk>", "<mask>", "one", "two", "cat", "dog", "uno", "dos", "gato", "perro")
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    transformers.XLMRobertaTokenizerFast(tokenizer_object=tokenizer, model_max_length=24).save_pretrained(folder)
    transformers.XLMRobertaConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=26, pad_token_id=1, initializer_range=1.0,
    ).save_pretrained(folder)  # fmt: skip


@pytest.fixture(scope="module")
def tiny_kiwi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random checkpoint of Kiwi's kind: source and translation in one sequence, no reference."""
    pytest.importorskip("comet")
    import torch
    import yaml
    from comet.models import UnifiedMetric

    folder = tmp_path_factory.mktemp("kiwi")
    make_encoder(folder / "encoder")
    torch.manual_seed(0)
    model = UnifiedMetric(
        pretrained_model=str(folder / "encoder"), input_segments=["mt", "src"], hidden_sizes=[8], word_layer=2,
        layer_transformation="softmax", load_pretrained_weights=False, local_files_only=True,
    )  # fmt: skip
    settings = {**model.hparams, "class_identifier": "unified_metric"}
    (folder / "hparams.yaml").write_text(yaml.safe_dump(settings))
    (folder / "checkpoints").mkdir()
    saved = {"state_dict": model.state_dict(), "hyper_parameters": settings, "pytorch-lightning_version": "2.6.0"}
    torch.save(saved, folder / "checkpoints" / "model.ckpt")
    return folder


@pytest.mark.filterwarnings("default")  # of Lightning's and COMET's own making
def test_a_checkpoint_scores_each_pair_by_itself_and_in_order(tiny_kiwi: Path) -> None:
    model = CometCheckpoint(tiny_kiwi)
    texts = [("one cat", "uno gato"), ("two dog", "dos perro dos perro"), ("one", "uno")]
    together = model.scores(texts)
    assert together == pytest.approx([model.scores([text])[0] for text in texts], abs=1e-5)
    assert len({round(score, 4) for score in together}) == 3


@pytest.mark.filterwarnings("default")
def test_pairs_that_comet_would_cut_are_too_long(tiny_kiwi: Path) -> None:
    model = CometCheckpoint(tiny_kiwi)
    # COMET joins `<s> mt </s></s> src </s>`: 20 tokens of text and 4 marks fill its 24, of 21 it drops the last mark.
    assert not model.too_long("cat " * 11, "gato " * 9)
    assert model.too_long("cat " * 11, "gato " * 10)
    samples = [{"src": "cat " * 11, "mt": "gato " * 9}, {"src": "cat " * 11, "mt": "gato " * 10}]
    fits, cut = model._model.prepare_for_inference(samples)[0]["input_ids"].tolist()
    assert (len(fits), fits[-1]) == (24, 2)  # </s>
    assert (len(cut), cut[-1]) == (24, 7)  # cat


def test_a_checkpoint_that_would_run_code_is_refused(tiny_kiwi: Path, tmp_path: Path) -> None:
    import pickle
    import shutil

    folder = tmp_path / "kiwi"
    shutil.copytree(tiny_kiwi, folder)

    class Touch:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (open, (str(tmp_path / "ran"), "w"))  # type: ignore[return-value]

    (folder / "checkpoints" / "model.ckpt").write_bytes(pickle.dumps(Touch()))
    with pytest.raises(DataError, match="not a file of weights alone"):
        CometCheckpoint(folder)
    assert not (tmp_path / "ran").exists()


@pytest.mark.filterwarnings("default")
def test_the_fingerprint_of_a_checkpoint_hashes_its_files(tiny_kiwi: Path) -> None:
    facts = CometCheckpoint(tiny_kiwi).fingerprint()
    assert len(facts["checkpoint"]) == len(facts["hparams"]) == 64
