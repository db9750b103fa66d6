"""Small SVG drawings as strings, with nothing but the standard library: lines and bars over one pair of axes.

Colours come from the page's CSS custom properties, so that one drawing serves light and dark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 460, 300  # the view box; the page scales it
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 14, 44
TICKS = 5

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """What is drawn along one side: its label, its ends and how its ticks read."""

    label: str
    low: float
    high: float
    pattern: str = "{:.1f}"

    def share(self, value: float) -> float:
        """Where `value` lies between the ends, clipped to [0, 1]."""
        return min(1.0, max(0.0, (value - self.low) / ((self.high - self.low) or 1)))


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its name in the legend (none if empty), its points, and the number of its colour (1 to 3)."""

    name: str
    points: Sequence[Point]
    colour: int
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar from `low` to `high` along x, with what a pointer resting on it tells."""

    low: float
    high: float
    height: float
    note: str


def line_plot(title: str, x: Axis, y: Axis, lines: Sequence[Line]) -> str:
    """The curves over the axes, with a legend; the SVG element as text."""
    return _svg(title, [*_axes(x, y), *(_curve(x, y, line) for line in lines), *_legend(lines)])


def bar_plot(title: str, x: Axis, y: Axis, bars: Sequence[Bar], lines: Sequence[Line] = ()) -> str:
    """The bars, and curves over them; the SVG element as text."""
    drawn = [_bar(x, y, bar) for bar in bars]
    return _svg(title, [*_axes(x, y), *drawn, *(_curve(x, y, line) for line in lines), *_legend(lines)])


def _svg(title: str, parts: Sequence[str]) -> str:
    name = escape(title)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
    return "\n".join([f'{head} aria-label="{name}"><title>{name}</title>', *parts, "</svg>"])


def _place(x: Axis, y: Axis, point: Point) -> Point:
    across = LEFT + x.share(point[0]) * (WIDTH - LEFT - RIGHT)
    down = HEIGHT - BOTTOM - y.share(point[1]) * (HEIGHT - TOP - BOTTOM)
    return across, down


def _axes(x: Axis, y: Axis) -> list[str]:
    parts = []
    for step in range(TICKS + 1):
        at_x, at_y = (axis.low + step / TICKS * (axis.high - axis.low) for axis in (x, y))
        across, down = _place(x, y, (at_x, at_y))
        ends = f'x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{down:.1f}" y2="{down:.1f}"'
        parts.append(f'<line class="grid" {ends}/>')
        parts.append(_text(LEFT - 6, down + 4, y.pattern.format(at_y), "end"))
        parts.append(_text(across, HEIGHT - BOTTOM + 16, x.pattern.format(at_x), "middle"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x.label, "middle"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(_text(14, middle, y.label, "middle", f' transform="rotate(-90 14 {middle:.1f})"'))
    return parts


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(text)}</text>'


def _curve(x: Axis, y: Axis, line: Line) -> str:
    points = " ".join(f"{across:.1f},{down:.1f}" for across, down in (_place(x, y, p) for p in line.points))
    dash = ' stroke-dasharray="4 4"' if line.dashed else ""
    return f'<polyline class="line c{line.colour}" points="{points}"{dash}/>'


def _bar(x: Axis, y: Axis, bar: Bar) -> str:
    left, top = _place(x, y, (bar.low, bar.height))
    right, bottom = _place(x, y, (bar.high, y.low))
    size = f'width="{max(0.0, right - left - 1):.1f}" height="{bottom - top:.1f}"'
    return f'<rect class="bar" x="{left:.1f}" y="{top:.1f}" {size}><title>{escape(bar.note)}</title></rect>'


def _legend(lines: Sequence[Line]) -> list[str]:
    parts, named = [], [line for line in lines if line.name]
    for number, line in enumerate(named):
        down = HEIGHT - BOTTOM - 12 - 16 * (len(named) - 1 - number)
        dash = ' stroke-dasharray="4 4"' if line.dashed else ""
        ends = f'x1="{WIDTH - RIGHT - 28}" x2="{WIDTH - RIGHT - 6}" y1="{down}" y2="{down}"'
        parts.append(f'<line class="line c{line.colour}" {ends}{dash}/>')
        parts.append(_text(WIDTH - RIGHT - 34, down + 4, line.name, "end"))
    return parts
