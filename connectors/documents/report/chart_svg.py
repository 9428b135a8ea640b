"""Renders an Altair chart as an accessible German SVG to be embedded in a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

    Drawing = alt.LayerChart | alt.FacetChart

INK, QUIET, GRID = "#1B2A3A", "#44546A", "#DDE4EB"
# Blue and orange differ for every kind of colour blindness; a target also differs in shape.
BAR, REST, TARGET = "#1F5F99", "#DDE4EB", "#B45309"
NAMESPACE = "http://www.w3.org/2000/svg"
FONT = "Arial, Liberation Sans, sans-serif"
# The same widths in all charts, so that the bars of a page are aligned.
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


def render_svg(chart: Drawing, name: str, title: str, description: str) -> str:
    """Draws ``chart`` as SVG with title and description for screen readers.

    ``name`` makes the ids unique on a page.
    """
    from lxml import etree

    drawn = _draw_svg(chart)
    root = etree.fromstring(re.sub(r'(id="|url\(#)', rf"\g<1>{name}-", drawn).encode())
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-desc")
    root.set("focusable", "false")
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = etree.Element(f"{{{NAMESPACE}}}{tag}", id=f"{name}-{tag}")
        element.text = text
        root.insert(place, element)
    etree.cleanup_namespaces(root)
    # HTML implies the namespace; without it the page contains no address at all.
    return str(etree.tostring(root, encoding="unicode")).replace(f' xmlns="{NAMESPACE}"', "")


def _draw_svg(chart: Drawing) -> str:
    import vl_convert

    return vl_convert.vegalite_to_svg(
        {**chart.to_dict(validate=True), "config": CONFIG},
        format_locale="de-DE",
        time_format_locale="de-DE",
        allowed_base_urls=[],
        show_warnings=False,
    )
