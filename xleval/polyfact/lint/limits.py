"""How much of each class a set may have: the table's limits, and what the user says instead."""

from xleval.errors import ConfigError
from xleval.polyfact.lint.classes import CLASSES


def parse_limits(texts: tuple[str, ...]) -> dict[int, float | None]:
    """Return the limit of every class: the table's, or what `CLASS=SHARE` says (`22=0.01`, `6=none`).

    Raises:
        ConfigError: not of that form, an unknown class, or a share outside [0, 1].
    """
    limits = {row.number: row.limit for row in CLASSES.values()}
    for text in texts:
        number, _, share = text.partition("=")
        try:
            value = None if share.strip() == "none" else float(share)
            limits[CLASSES[int(number)].number] = value
        except (ValueError, KeyError) as error:
            raise ConfigError(
                f"--limit {text!r} is not CLASS=SHARE: classes are 1 to {max(CLASSES)}, shares 0 to 1 or none (22=0.01)"
            ) from error
        if value is not None and not 0 <= value <= 1:
            raise ConfigError(f"--limit {text!r}: a share lies between 0 and 1")
    return limits
