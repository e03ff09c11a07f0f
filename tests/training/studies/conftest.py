"""What all tests of studies share."""

import pytest


@pytest.fixture(autouse=True)
def _no_data_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan depends on which tasks have their data at hand: here, on what the test names alone."""
    monkeypatch.delenv("XLEVAL_DATA", raising=False)
