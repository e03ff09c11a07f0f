"""`--tasks`: names, groups, languages and parts in brackets."""

import pytest

from xleval.errors import ConfigError
from xleval.tasks import GROUPS, TASKS, select_tasks


def chosen(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.task.name, each.languages) for each in select_tasks(text, ("ko", "zh", "sw", "en"))]


def test_brackets_hold_languages() -> None:
    assert chosen("mgsm[zh, sw],polymath") == [("mgsm", ("zh", "sw")), ("polymath", ())]


def test_brackets_hold_parts_and_versions() -> None:
    assert chosen("mgsm[original],polyfact[leaky,recent,en]") == [
        ("mgsm_original", ()), ("polyfact_leaky", ("en",)), ("polyfact_recent", ("en",)),
    ]  # fmt: skip


def test_a_group_is_its_tasks_without_their_parts() -> None:
    names = [name for name, _ in chosen("maths")]
    assert {"mgsm", "gsm8k", "polymath"} <= set(names)
    assert all(TASKS[name].group == "maths" and not TASKS[name].data_of for name in names)
    assert [name for name, _ in chosen("xreasoning[en]")] == list(GROUPS["xreasoning"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mgms", "unknown task 'mgms'. Did you mean mgsm"),
        ("mgsm[te]", "te is not among the languages of --langs"),
        ("mgsm[orignal]", "unknown language or part of mgsm 'orignal'. Did you mean original?"),
        ("mgsm[ko", "needed are names separated by commas"),
        ("mgsm,sample,mgsm", "mgsm is there more than once"),
        ("maths,mgsm", "mgsm is there more than once"),
    ],
)
def test_a_slip_is_named(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        chosen(text)
    assert message in str(caught.value)


def test_names_can_be_told_apart() -> None:
    assert not set(GROUPS) & set(TASKS)
    assert all(task.data_of in TASKS for task in TASKS.values() if task.data_of)
    assert all(task.samples == 1 or task.sampling.temperature for task in TASKS.values())
