"""How long a server asks to be left alone."""

import email.utils
import math
from datetime import UTC, datetime


def retry_after_s(value: str | None) -> float | None:
    """Return the seconds of a Retry-After header (RFC 9110), given as seconds or as a date; None where it says nothing."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = email.utils.parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None
