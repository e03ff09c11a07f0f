"""What an error's message may hold, whatever file it quotes."""

from xleval.errors import DataError, visible


def test_a_message_cannot_steer_a_terminal_nor_fill_it() -> None:
    assert str(DataError("found \x1b[31m\u202e\ud800\x9b, a\tb\nc")) == r"found \x1b[31m\u202e\ud800\x9b, a" + "\tb\nc"
    said = str(DataError("start" + "x" * 70_000 + "end"))
    assert (len(said), said[:6], said[-4:]) == (4003, "startx", "xend")
    assert visible("Überraschung 答え نعم \u200f") == "Überraschung 答え نعم \u200f"
