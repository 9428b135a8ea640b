"""Turning an Altair chart into an accessible German SVG that stands inside a page. Which charts there are: charts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

INK, QUIET, GRID = "#1B2A3A", "#44546A", "#DDE4EB"
# Blue and orange stay apart for every kind of colour blindness; the mark for a target differs in shape too.
BAR, REST, TARGET = "#1F5F99", "#DDE4EB", "#B45309"
FONT = "Arial, Liberation Sans, sans-serif"
# Bars of all charts of a page start in one line: room for labels, then for bars.
LABELS, WIDTH = 235, 465
CONFIG: dict[str, Any] = {
    "aria": False,
    "background": "transparent",
    "font": FONT,
    "view": {"stroke": None},
    "bar": {"color": BAR},
    "axis": {
        "labelColor": INK,
        "labelFontSize": 13,
        "labelLimit": 320,
        "labelPadding": 6,
        "titleColor": QUIET,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
    },
    "text": {"color": INK, "fontSize": 13},
}


def render_svg(
    chart: alt.LayerChart | alt.FacetChart, name: str, title: str, description: str
) -> str:
    """Draw ``chart`` as SVG with title and description for screen readers; ``name`` makes ids unique on a page."""
    import vl_convert
    from lxml import etree

    spec = {**chart.to_dict(validate=True), "config": CONFIG}
    drawn = vl_convert.vegalite_to_svg(
        spec,
        format_locale="de-DE",
        time_format_locale="de-DE",
        allowed_base_urls=[],
        show_warnings=False,
    )
    root = etree.fromstring(re.sub(r'(id="|url\(#)', rf"\g<1>{name}-", drawn).encode())
    for key, value in (
        ("role", "img"),
        ("aria-labelledby", f"{name}-title {name}-desc"),
        ("focusable", "false"),
    ):
        root.set(key, value)
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = etree.Element(f"{{http://www.w3.org/2000/svg}}{tag}", id=f"{name}-{tag}")
        element.text = text
        root.insert(place, element)
    etree.cleanup_namespaces(root)
    # Inside HTML the parser knows the namespace; without its address the page holds no address at all.
    return str(etree.tostring(root, encoding="unicode")).replace(
        ' xmlns="http://www.w3.org/2000/svg"', ""
    )
