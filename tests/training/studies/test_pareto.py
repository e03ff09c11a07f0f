"""The front of accuracy, language and tokens: by hand."""

from tests.training.studies.found_cases import BASE, RANDOM, SFT, plan_of, results_of, written
from xleval.evalkit.results_schema import EstimateJson
from xleval.training.studies.found import Found
from xleval.training.studies.sections.pareto import Place, front_of, pareto_section


def place(arm: str, accuracy: float, fidelity: float, tokens: float | None = None) -> Place:
    figures = [EstimateJson(value=value, low=None, high=None, n=10, method="none") for value in (accuracy, fidelity)]
    return Place(arm=arm, label=arm, accuracy=figures[0], fidelity=figures[1], tokens=tokens)


def test_an_arm_is_on_the_front_unless_another_beats_it_in_both() -> None:
    places = [place("a", 0.5, 0.2), place("b", 0.4, 0.9), place("c", 0.3, 0.8), place("d", 0.5, 0.1)]
    assert [each.arm for each in front_of(places)] == ["a", "b"]  # c is under b, d left of a


def test_equal_arms_do_not_beat_each_other() -> None:
    assert [each.arm for each in front_of([place("a", 0.5, 0.5), place("b", 0.5, 0.5)])] == ["a", "b"]


def test_fewer_tokens_are_a_third_good() -> None:
    places = [place("a", 0.5, 0.5, 100), place("b", 0.4, 0.4, 20), place("c", 0.4, 0.4, 30)]
    assert [each.arm for each in front_of(places)] == ["a"]
    assert {each.arm for each in front_of(places, tokens=True)} == {"a", "b"}


def test_the_section_has_a_point_for_each_arm_and_a_line_for_weights() -> None:
    results = {
        ("base", None): results_of(written("ko", "1000", 1.0), "m"),
        ("sft", 1): results_of(written("ko", "1110", 0.25), "s"),
        ("random", 1): results_of(written("ko", "1100", 0.5, n_completion_tokens=50), "r"),
    }
    found = Found(plan=plan_of(BASE, SFT, RANDOM), results=results)
    section = pareto_section(found, joined=[("weights", ["random", "sft"])])
    assert section is not None
    lines = {line.label: line for line in section.charts[0].panels[0].lines}  # type: ignore[union-attr]
    assert list(lines) == ["weights", "base", "the front"]
    assert lines["weights"].joined
    assert [(at.x, at.y, at.label) for at in lines["weights"].points] == [
        (50.0, 0.5, "random reward (50)"),
        (25.0, 0.75, "SFT (5)"),
    ]
    assert [at.x for at in lines["the front"].points] == [25.0, 50.0, 100.0]
    # Right .25, .75, .5 and in language 1, .25, .5: nobody beats another in both.
    assert [row[4:] for row in section.tables[0].rows] == [("yes", "yes")] * 3


def test_a_single_arm_and_a_task_of_choices_have_no_figure() -> None:
    found = Found(plan=plan_of(BASE), results={("base", None): results_of(written("ko", "1000", 1.0), "m")})
    assert pareto_section(found) is None


def test_arms_asked_in_unlike_languages_meet_in_the_one_that_all_have() -> None:
    # Of four: ko 1 and 3 right; English, which the second alone was asked in, all right: over both it would have 87.5 %.
    results = {
        ("base", None): results_of(written("ko", "1000", 1.0), "m"),
        ("sft", 1): results_of([*written("ko", "1110", 0.25), *written("en", "1111", 1.0)], "s"),
    }
    section = pareto_section(Found(plan=plan_of(BASE, SFT), results=results), langs=("ko",))
    assert section is not None
    assert "in ko" in section.tables[0].caption
    figures = [(row[1]["value"], row[2]["value"]) for row in section.tables[0].rows]  # type: ignore[index, call-overload]
    assert figures == [(0.25, 1.0), (0.75, 0.25)]
