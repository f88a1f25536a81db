"""Sphinx roles in docstrings, as in :class:`SCM`, become plain code."""

from __future__ import annotations

import re

ROLE = re.compile(r':(?:class|func|meth|mod|attr):<code>~?')


def on_page_content(html: str, **kwargs) -> str:
    """Drop the names of roles; called by mkdocs."""
    return ROLE.sub('<code>', html)
