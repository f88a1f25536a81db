"""Equations as MathML, written while the site is built.

Browsers show it themselves: no script and no font has to be loaded.
"""

from __future__ import annotations

import re
from html import unescape

from latex2mathml.converter import convert

# what pymdownx.arithmatex makes of $...$ and $$...$$ with `generic: true`
EQUATION = re.compile(
    r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL
)


def on_page_content(html: str, **kwargs) -> str:
    """Replace the TeX of a page; called by mkdocs."""
    return EQUATION.sub(_to_mathml, html)


def _to_mathml(match: re.Match) -> str:
    tag, tex = match.groups()
    display = 'block' if tag == 'div' else 'inline'
    math = convert(unescape(tex).strip(), display=display)
    return f'<{tag} class="arithmatex">{math}</{tag}>'
