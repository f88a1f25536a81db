"""Read config files and the options that the command line adds."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.runner import Runner

from mmscm.engine.package_files import config_path, package_bases

# Options that mmengine reads from the config beside the Runner's arguments
TOP_LEVEL = {
    *inspect.signature(Runner.__init__).parameters,
    *('compile', 'custom_imports', 'find_unused_parameters', 'runner_type'),
    *('auto_scale_lr', 'sync_bn'),
}


def load_config(
    path: str | Path,
    work_dir: str | Path | None = None,
    options: dict[str, Any] | None = None,
) -> Config:
    """Read a config file and settle where its run writes.

    Args:
        path (str | Path): The config file; ``mmscm::scm/deit-s_cub.py`` is
            configs/scm/deit-s_cub.py of this project.
        work_dir (str | Path, optional): Default is the config's own
            ``work_dir`` or else :func:`default_work_dir`.
        options (dict, optional): Dotted keys to values, merged into the
            config as ``--cfg-options`` does.

    Returns:
        Config: Complete for :func:`mmscm.apis.build_runner`.
    """
    cfg = read_config_file(path)
    for key in options or {}:
        _check_option(cfg, key)
    cfg.merge_from_dict(options or {})
    default = default_work_dir(config_path(path))
    cfg.work_dir = str(work_dir or cfg.get('work_dir') or default)
    return cfg


def read_config_file(path: str | Path) -> Config:
    """A config file of this machine; it is Python and runs.

    YAML is refused, although the host reads it: its reader runs Python that
    a tag names, which nobody expects of a text file.

    Args:
        path (str | Path): A .py file, or a .json file as logs have it.

    Returns:
        Config: As written, with what it inherits.
    """
    if '://' in str(path):
        raise ValueError(
            f'Expected a config file on this machine, but got {path}. A '
            'config is code that runs: download it, read it, then use it.'
        )
    if Path(path).suffix not in ('.py', '.json'):
        raise ValueError(
            f'Expected a config file, *.py or *.json, but got {path}.'
        )
    path = config_path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f'Expected a config file, but got {path}: no such file. The '
            'configs of this project are mmscm::scm/deit-s_cub.py and so on.'
        )
    with package_bases():
        return Config.fromfile(path)


def default_work_dir(path: str | Path) -> str:
    """``work_dirs/<folder>/<config>``: two folders may share a file name.

    Args:
        path (str | Path): The config file.

    Returns:
        str: A path relative to the current directory.
    """
    path = Path(path).resolve()
    return str(Path('work_dirs', path.parent.name, path.stem))


def _check_option(cfg: Config, key: str) -> None:
    """Refuse a key whose parents the config lacks; mmengine would add it."""
    *parents, last = key.split('.')
    node: Any = cfg
    seen: list[str] = []
    for name in parents:
        if not _has(node, name):
            raise _unknown(key, name, node, seen)
        node = node[int(name) if isinstance(node, (list, tuple)) else name]
        seen.append(name)
    known_top = not parents and last in TOP_LEVEL
    new_argument = parents and isinstance(node, dict)
    if not (_has(node, last) or known_top or new_argument):
        raise _unknown(key, last, node, seen)


def _has(node: Any, name: str) -> bool:
    if isinstance(node, (list, tuple)):
        return name.isdigit() and int(name) < len(node)
    return isinstance(node, (dict, Config)) and name in node


def _unknown(key: str, name: str, node: Any, seen: list[str]) -> ValueError:
    where = f'`{".".join(seen)}`' if seen else 'the config'
    if isinstance(node, (list, tuple)):
        names = [str(index) for index in range(len(node))]
    elif isinstance(node, (dict, Config)):
        names = sorted({*node, *(() if seen else TOP_LEVEL)} - {'self'})
    else:
        names = []
    near = get_close_matches(name, names, n=1)
    hint = f'Did you mean `{near[0]}`?' if near else f'It has {names}.'
    return ValueError(
        f'Expected a `--cfg-options` key of the config, but got `{key}`: '
        f'{where} has no `{name}`. {hint}'
    )
