"""Counts in sentences: `1 item`, `2 items`."""


def counted(n: int, one: str, several: str = "") -> str:
    """Return a count with its words: `counted(1, "answer is unscored", "answers are unscored")`.

    Args:
        n: how many, 0 or more.
        one: what stands after 1.
        several: what stands after any other number; without it, `one` with an s.
    """
    return f"{n} {one if n == 1 else several or one + 's'}"


def every(n: int, one: str) -> str:
    """Return `both languages` for 2 of a noun that takes an s, `all 12 languages` for more."""
    return f"both {one}s" if n == 2 else f"all {counted(n, one)}"
