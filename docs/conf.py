"""How Sphinx builds these pages: `sphinx-build -W --keep-going -b html docs OUT`; it needs the extra `docs` and no network.

The pages are plain Markdown and can be read without a build. Formulas become MathML, which browsers show without scripts.
"""

from typing import Any

from docutils import nodes
from docutils.utils.math import MathError, latex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging

import xleval

project = "xleval"
version = release = xleval.__version__
extensions = ["myst_parser"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"xleval {release}"
html_math_renderer = "mathml"
smartquotes = False  # options keep their two hyphens
html_show_copyright = False
highlight_language = "text"  # code fences without a language are output of commands


def setup(app: Sphinx) -> dict[str, bool]:
    """Return what Sphinx asks of an extension, and register the renderer of formulas."""
    app.add_html_math_renderer("mathml", inline_renderers=(_inline, None), block_renderers=(_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(_mathml(node, as_block=False))
    raise nodes.SkipNode


def _block(writer: Any, node: nodes.math_block) -> None:
    writer.body.append(f'<div class="formula">{_mathml(node, as_block=True)}</div>\n')
    raise nodes.SkipNode


def _mathml(node: nodes.Element, *, as_block: bool) -> str:
    """Return a formula as MathML; one that cannot be read stays text, with a warning that fails the build."""
    try:
        return str(latex2mathml.tex2mathml(node.astext(), as_block=as_block))
    except MathError as error:
        logging.getLogger(__name__).warning("formula %r: %s", node.astext(), error, location=node)
        return f"<code>{node.astext()}</code>"
