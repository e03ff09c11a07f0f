"""The tokens at which a completion ends."""

from types import SimpleNamespace

import pytest

from xleval.evalkit.backends.end_tokens import end_ids


@pytest.mark.parametrize(
    ("configured", "eos", "found"),
    [
        (None, None, set()),
        (0, None, {0}),  # token 0 is one like any other
        (106, 1, {1, 106}),
        ([1, 106], 1, {1, 106}),  # as Gemma's generation configuration has them
        (None, 2, {2}),
    ],
)
def test_those_of_the_configuration_and_of_the_tokenizer(configured: object, eos: int | None, found: set[int]) -> None:
    assert end_ids(configured, SimpleNamespace(eos_token_id=eos)) == found
