"""Find configs and tools: in ``.mim`` of a wheel, or in a checkout.

mmengine's own ``package::`` is not used: it cannot find an editable install,
and it puts every base under the scope ``mmscm``, where the unprefixed parts
of mmpretrain are unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmengine.config import Config

PREFIX = 'mmscm::'
INDEX = 'model-index.yml'  # beside configs/ and tools/


@contextmanager
def package_bases() -> Iterator[None]:
    """Let ``Config.fromfile`` read bases that begin with ``mmscm::``."""
    of_host = Config._get_cfg_path

    def get_cfg_path(cfg_path: str, filename: str) -> tuple[str, str | None]:
        if cfg_path.startswith(PREFIX):
            return str(config_path(cfg_path)), None
        return of_host(cfg_path, filename)

    Config._get_cfg_path = staticmethod(get_cfg_path)
    try:
        yield
    finally:
        Config._get_cfg_path = staticmethod(of_host)


def config_path(name: str | Path) -> Path:
    """The file of a config: a path, or ``mmscm::`` and one below configs/."""
    if not str(name).startswith(PREFIX):
        return Path(name)
    return project_root() / 'configs' / str(name).removeprefix(PREFIX)


def project_root() -> Path:
    """The folder that has ``configs``, ``tools`` and ``model-index.yml``."""
    package = Path(__file__).resolve().parents[1]
    roots = (package / '.mim', package.parent)
    for root in roots:
        if (root / INDEX).is_file():
            return root
    raise FileNotFoundError(
        f'Expected {INDEX}, configs and tools of mmscm in {roots[0]} or '
        f'{roots[1]}, but got neither. Install mmscm again.'
    )
