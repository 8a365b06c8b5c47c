"""A line chart with logarithmic axes as SVG, from the template beside this file."""

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

Dots = Mapping[float, float]
"""Figure by size, both above 0."""
COLOURS = ("#0b4f8a", "#b3401e", "#1f7a4d", "#7a3b8f", "#8a6d00", "#c2185b", "#00707a", "#5c5c5c")
DASHES = ("", "7 4", "2 4")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 940, 480, 70, 580, 60, 420


def chart(title: str, upward: str, sideways: str, lines: Mapping[str, Dots]) -> str:
    """Draw one line for each name; colour and dash tell them apart, and the order of the key is the order given."""
    shown = {name: dots for name, dots in lines.items() if dots}
    sizes = [size for dots in shown.values() for size in dots]
    figures = [figure for dots in shown.values() for figure in dots.values()]
    across, up = _scale(sizes, LEFT, RIGHT, whole=False), _scale(figures, BOTTOM, TOP, whole=True)
    drawn = [
        {
            "name": name,
            "colour": COLOURS[place % len(COLOURS)],
            "dash": DASHES[place % len(DASHES)],
            "dots": [(across(size), up(figure)) for size, figure in sorted(dots.items())],
            "key": TOP + 12 + 24 * place,
        }
        for place, (name, dots) in enumerate(shown.items())
    ]
    powers = [10.0**power for power in range(_power(min(figures)), _power(max(figures)) + 2)]
    rows = [{"at": up(value), "label": f"{value:g}"} for value in powers]
    columns = [{"at": across(size), "label": f"{size:,.0f}"} for size in sorted(set(sizes))]
    folder = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
    return (
        folder.get_template("chart.svg").render(
            title=title, upward=upward, sideways=sideways, rows=rows, columns=columns, lines=drawn,
            width=WIDTH, height=HEIGHT, left=LEFT, right=RIGHT, top=TOP, bottom=BOTTOM,
        )
        + "\n"
    )  # fmt: skip


def _power(value: float) -> int:
    return math.floor(math.log10(value))


def _scale(values: Iterable[float], least: int, most: int, *, whole: bool) -> Callable[[float], float]:
    """From a value to its place; a whole scale ends at powers of ten, the other a little beside its values."""
    values = list(values)
    low, high = math.log10(min(values)), math.log10(max(values))
    low, high = (math.floor(low), math.floor(high) + 1) if whole else (low - 0.1, high + 0.1)
    return lambda value: round(least + (math.log10(value) - low) / (high - low) * (most - least), 1)
