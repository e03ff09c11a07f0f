"""Token limits per language: the same number of tokens, or room for about the same text (`--length-budget`).

The same text takes several times as many tokens in some languages as in English, so that one limit cuts their answers
first, and cut answers are wrong answers (D1; token tax: arXiv 2509.05486).
"""

from collections.abc import Callable, Mapping, Sequence

from xleval.errors import ConfigError, unknown_name

#: The same tokens everywhere; the same characters; or the same content, by texts that are translations of each other.
LENGTH_BUDGETS = ("tokens", "chars", "fertility")


def check_budget(budget: str) -> None:
    """Refuse a name that is not in `LENGTH_BUDGETS`.

    Raises:
        ConfigError: with the nearest names.
    """
    if budget not in LENGTH_BUDGETS:
        raise unknown_name("length budget", budget, LENGTH_BUDGETS, {"characters": "chars", "token": "tokens"})


def scaled_limits(
    max_tokens: int,
    budget: str,
    texts: Mapping[str, Sequence[str]],
    english: Sequence[str],
    count: Callable[[Sequence[str]], list[int]],
) -> dict[str, int]:
    """Return the token limit of each language, at least `max_tokens`.

    The limit is multiplied by a ratio and rounded up. A language that needs fewer tokens than English keeps the whole
    limit: the budget makes up for a disadvantage and makes none.

    * `tokens`: the ratio is 1; nothing is counted.
    * `chars`: tokens per character of the language's texts over tokens per character of the English ones.
    * `fertility`: tokens of the language's texts over tokens of the same texts in English.

    Tokens and characters (Unicode code points) are summed over all texts before they are divided.

    Args:
        max_tokens: the limit of English, in tokens.
        budget: one of `LENGTH_BUDGETS`.
        texts: by language, all languages of the run; for `fertility`, translations of `english` in the same order.
        english: texts in English.
        count: returns the number of tokens of each text, such as `Backend.count_tokens`.

    Raises:
        ConfigError: an unknown budget, texts that are missing, empty or without a token, or for `fertility` another
            number of texts than in English.
    """
    check_budget(budget)
    if budget == "tokens":
        return dict.fromkeys(texts, max_tokens)
    english_tokens = _count_tokens("English", budget, english, count)
    english_chars = sum(map(len, english))
    limits = {}
    for lang, shown in texts.items():
        tokens = _count_tokens(lang, budget, shown, count)
        if budget == "fertility" and len(shown) != len(english):
            raise ConfigError(
                f"--length-budget fertility: {len(shown)} texts in {lang}, {len(english)} in English; needed are the "
                "same texts in both. Use --length-budget chars for texts that are no translations"
            )
        # Whole numbers throughout: a ratio such as 1.1 has no exact float and would round up one too many.
        above, below = (1, 1) if budget == "fertility" else (english_chars, sum(map(len, shown)))
        scaled = -(-max_tokens * tokens * above // (english_tokens * below))
        limits[lang] = max(max_tokens, scaled)
    return limits


def _count_tokens(name: str, budget: str, texts: Sequence[str], count: Callable[[Sequence[str]], list[int]]) -> int:
    """Return the tokens of all texts together, at least 1."""
    tokens = sum(count(texts)) if texts else 0
    if tokens < 1 or not any(texts):
        raise ConfigError(
            f"--length-budget {budget}: no text in {name} to count tokens in; use --length-budget tokens, or give a "
            "data set that has one"
        )
    return tokens
