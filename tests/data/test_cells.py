"""Cells of a row, also the fields of an object in one."""

from xleval.data.cells import cell


def test_a_path_names_a_field_of_an_object() -> None:
    row = {"extra_info": {"question": "How many?", "index": 3}, "answer": None}
    assert cell(row, "extra_info.question") == "How many?"
    assert cell(row, "answer") is None
    assert cell(row, "extra_info.question.text") is None
    assert cell(row, "question") is None


def test_a_column_of_this_very_name_goes_before_the_path() -> None:
    row = {"reward_model.ground_truth": "4", "reward_model": {"ground_truth": "5"}}
    assert cell(row, "reward_model.ground_truth") == "4"
