"""Texts with lists and headings to the sentences that a model is asked, and back."""

from xleval.data.reasoning.protection import protect, restore
from xleval.data.reasoning.translators.sentence_pieces import join_pieces, split_text

TEXT = "## Steps\n\n1. Cut the onion. Fry it.\n2. Add salt.\n\n- Serve it with `bread`.\n> Enjoy.\n\n```\nx = 1\n\ny = 2\n```"


def test_marks_of_lines_are_not_translated_and_come_back() -> None:
    protected = protect(TEXT, numbers=False)
    pieces = split_text(protected.text, "en")
    asked = [piece.text for piece in pieces if piece.is_language]
    assert asked == ["Steps", "Cut the onion.", "Fry it.", "Add salt.", "Serve it with XQ1Z.", "Enjoy."]
    shouted = [piece.text.upper() if piece.is_language else piece.text for piece in pieces]
    back = restore(join_pieces(pieces, shouted, "es"), protected)
    assert back.text == TEXT.replace("Steps", "STEPS").replace(
        "Cut the onion. Fry it.", "CUT THE ONION. FRY IT."
    ).replace("Add salt.", "ADD SALT.").replace("Serve it with", "SERVE IT WITH").replace("Enjoy.", "ENJOY.")
    assert back.lost == back.repeated == ()


def test_joined_with_their_spaces_pieces_are_the_text() -> None:
    for text in (TEXT, "  - a\n\n\t* b  \n", "1) one 2) two", "-5 is a number. 3.5 too.", "#tag and # heading"):
        pieces = split_text(text, "en")
        assert join_pieces(pieces, [piece.text for piece in pieces], "es") == text


def test_a_minus_sign_is_no_bullet() -> None:
    assert [piece.text for piece in split_text("-5 degrees.\n#tag stays.", "en")] == ["-5 degrees.", "#tag stays."]
