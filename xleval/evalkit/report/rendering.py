"""Templates of this package -> self-contained HTML: no network, every text escaped, and a policy that says so."""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from xleval import __version__
from xleval.evalkit.report.filters import FILTERS
from xleval.evalkit.report.shown_text import cut_middle

if TYPE_CHECKING:
    from jinja2 import Environment

# Of any one text that is not an example; the whole stands in the run's files.
_LONGEST = 4000


def render(template: str, title: str, context: Mapping[str, Any], *, brand: str = "report", script: str = "") -> str:
    """Return a page of this package's templates.

    Args:
        template: its file; it extends `base.html`.
        title: of the page.
        context: what the template is given, by name; `parts` are the links at the top, (anchor, words).
        brand: what stands after the program's name.
        script: of the page; empty for none, and then none is allowed.
    """
    style = asset("style.css")
    # Only this very style sheet and script may apply, even if an escape were missed.
    scripts = f"script-src {_digest(script)}; " if script else ""
    policy = f"default-src 'none'; style-src {_digest(style)}; {scripts}base-uri 'none'; form-action 'none'"
    return (
        _environment()
        .get_template(template)
        .render(
            style=_safe(style),
            script=_safe(script),
            policy=policy,
            version=__version__,
            title=title,
            brand=brand,
            **context,
        )
    )


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("xleval.evalkit.report", "."), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, finalize=_finalize,
    )  # fmt: skip
    environment.filters.update(FILTERS)
    return environment


def _finalize(value: Any) -> Any:
    """Make every text that is put into the page visible and of bounded length, wherever it comes from."""
    return cut_middle(value, _LONGEST) if type(value) is str else value


def asset(name: str) -> str:
    """Return a file of this package that pages hold."""
    return files("xleval.evalkit.report").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _safe(text: str) -> Any:
    """Mark text that this package made as HTML."""
    from markupsafe import Markup

    return Markup(text)
