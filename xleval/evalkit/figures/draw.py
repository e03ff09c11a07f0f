"""Charts as PNG and SVG for papers, by matplotlib: safe for colour-blind readers, the same bytes for the same chart."""

import io
from collections.abc import Callable
from typing import Any

from xleval.errors import MissingExtra
from xleval.evalkit.figures import plots, plots_maps
from xleval.evalkit.figures.chart import (
    BarChart,
    Chart,
    CountChart,
    CurveChart,
    DifferenceChart,
    HeatMap,
    ShareChart,
)

_DPI = 200
#: Text is drawn as outlines, so that a reader needs no font; the salt makes the ids in an SVG the same every time.
_STYLE: Any = {
    "figure.dpi": _DPI, "savefig.dpi": _DPI, "font.family": "DejaVu Sans", "font.size": 8.0, "axes.titlesize": 8.5,
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.7, "legend.frameon": False,
    "legend.fontsize": 7.5, "xtick.labelsize": 7.5, "ytick.labelsize": 7.5, "text.parse_math": False,
    "svg.fonttype": "path", "svg.hashsalt": "xleval", "axes.axisbelow": True, "text.usetex": False,
    "axes.unicode_minus": True, "figure.constrained_layout.use": True,
}  # fmt: skip


def check_drawing() -> None:
    """Check that figures can be drawn, before the work that they show.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingExtra("report", "drawing figures") from error


def drawn(chart: Chart) -> dict[str, bytes]:
    """Return the chart's files by format: `png` and `svg`, without dates.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    check_drawing()
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    found = {}
    # No pyplot: no window system, no state that another part of the process could have changed.
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        figure = Figure()
        _plot(chart)(figure, chart)
        for name, canvas, metadata in (
            ("png", FigureCanvasAgg, {"Software": None}),
            ("svg", FigureCanvasSVG, {"Date": None, "Creator": None}),
        ):
            buffer = io.BytesIO()
            canvas(figure)
            figure.savefig(buffer, format=name, metadata=metadata)
            found[name] = buffer.getvalue()
    return found


def _plot(chart: Chart) -> Callable[[Any, Any], None]:
    kinds: dict[type, Callable[[Any, Any], None]] = {
        BarChart: plots.bars, ShareChart: plots.shares, CountChart: plots.counts, HeatMap: plots_maps.heat_map,
        CurveChart: plots.curves, DifferenceChart: plots.differences,
    }  # fmt: skip
    return kinds[type(chart)]
