"""Find the configs of this project by their names.

mmengine's own ``package::`` is not used: it cannot find an editable install,
and it puts every base under the scope ``mmscm``, where the unprefixed parts
of mmpretrain are unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

from mmengine.config import Config

from mmscm.project import project_root

PREFIX = 'mmscm::'


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
    """The file of a config.

    Args:
        name (str | Path): A path; ``mmscm::`` and one below configs/; or a
            name of :func:`mmscm.list_models`, also with ``/`` after the
            folder and without ``_imagenet`` at the end.
    """
    name = str(name).removeprefix('file://')
    if name.startswith(PREFIX):
        return project_root() / 'configs' / name.removeprefix(PREFIX)
    if Path(name).suffix or '://' in name:
        return Path(name)
    known, key = named_configs(), name.replace('/', '_')
    if key not in known and f'{key}_imagenet' in known:
        key += '_imagenet'
    if key not in known:
        near = get_close_matches(key, known, n=1, cutoff=0)
        raise ValueError(
            'Expected a config file or a name of `mmscm.list_models()`, but '
            f'got {name!r}. Did you mean {near[0] if near else ""!r}?'
        )
    return known[key]


def named_configs() -> dict[str, Path]:
    """Leaf configs by name: their path below configs/, with underscores."""
    root = project_root() / 'configs'
    paths = [path.relative_to(root) for path in root.rglob('*.py')]
    leaves = [path for path in paths if path.parts[0] != '_base_']
    return {'_'.join(p.with_suffix('').parts): root / p for p in leaves}
