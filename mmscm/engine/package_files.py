"""Configs and tools of this project: in ``.mim`` of a wheel, or a checkout.

``install`` runs at ``import mmscm``. From then on a config of anyone may say
``_base_ = 'mmscm::scm/deit-s_cub.py'``. The host's own way of ``package::``
is not used: it cannot find an editable install, and it puts every base under
the scope ``mmscm``, where the unprefixed parts of mmpretrain are unknown.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from mmengine.config import Config

PREFIX = 'mmscm::'
INDEX = 'model-index.yml'  # beside configs/ and tools/


def install() -> None:
    """Let mmengine resolve base configs that begin with ``mmscm::``."""
    of_host = Config._get_cfg_path

    def get_cfg_path(cfg_path: str, filename: str) -> tuple[str, str | None]:
        if cfg_path.startswith(PREFIX):
            return str(config_path(cfg_path)), None
        return of_host(cfg_path, filename)

    Config._get_cfg_path = staticmethod(get_cfg_path)


def config_path(name: str | Path) -> Path:
    """The file of a config's name.

    Args:
        name (str | Path): ``mmscm::`` and a path below configs/, or the
            path of a file, which is returned as it is.

    Returns:
        Path: An existing file if the name begins with ``mmscm::``.
    """
    if not str(name).startswith(PREFIX):
        return Path(name)
    configs = project_root() / 'configs'
    path = configs / str(name).removeprefix(PREFIX)
    if not path.is_file():
        found = [p.relative_to(configs) for p in configs.rglob('*.py')]
        known = [PREFIX + relative.as_posix() for relative in found]
        near = get_close_matches(str(name), known, n=1, cutoff=0)
        raise FileNotFoundError(
            f'Expected a config of mmscm, but got {name}: no such file in '
            f'{configs}. Did you mean {near[0] if near else "another one"}?'
        )
    return path


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
