"""Write an HTML page that needs no network and no other file."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mmscm.version import __version__

PAGE = Path(__file__).parent / 'report_page'


def write_page(template: str, out: str | Path, **values: Any) -> Path:
    """Fill a template of ``report_page``; its path ``out``, a file."""
    environment = Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,  # names of images and classes are not trusted
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template(template).render(
        version=__version__,
        style=(PAGE / 'style.css').read_text('utf-8'),
        script=(PAGE / 'script.js').read_text('utf-8'),
        **values,
    )
    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding='utf-8')
    return out


def jpeg_address(content: bytes) -> str:
    """A JPEG as an address that holds it."""
    return f'data:image/jpeg;base64,{base64.b64encode(content).decode()}'
