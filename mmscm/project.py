"""Find configs and tools: in ``.mim`` of a wheel, or in a checkout."""

from __future__ import annotations

from pathlib import Path

INDEX = 'model-index.yml'  # beside configs/ and tools/


def project_root() -> Path:
    """The folder that has ``configs``, ``tools`` and ``model-index.yml``."""
    package = Path(__file__).resolve().parent
    roots = (package / '.mim', package.parent)
    for root in roots:
        if (root / INDEX).is_file():
            return root
    raise FileNotFoundError(
        f'Expected {INDEX}, configs and tools of mmscm in {roots[0]} or '
        f'{roots[1]}, but got neither. Install mmscm again.'
    )
