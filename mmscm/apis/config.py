"""Read config files and merge options into them."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.runner import Runner

from mmscm.engine.package_files import config_path, package_bases

# what mmengine reads from the config beside the Runner's arguments
BESIDE = ('auto_scale_lr', 'compile', 'custom_imports', 'sync_bn')
KNOWN = sorted({*inspect.signature(Runner).parameters, *BESIDE})


def load_config(
    path: str | Path,
    work_dir: str | Path | None = None,
    options: dict[str, Any] | None = None,
) -> Config:
    """Read a config file and settle where its run writes.

    Args:
        path (str | Path): The config file, or a name of
            :func:`mmscm.list_models`.
        work_dir (str | Path, optional): Default is the config's own
            ``work_dir`` or else ``work_dirs/<folder>/<config>``, since two
            folders may share a file name.
        options (dict, optional): Dotted keys to values, merged into the
            config as ``--cfg-options`` does.
    """
    cfg = read_config_file(path)
    for key in options or {}:
        _check_option(cfg, key)
    cfg.merge_from_dict(options or {})
    file = config_path(path).resolve()
    default = Path('work_dirs', file.parent.name, file.stem)
    cfg.work_dir = str(work_dir or cfg.get('work_dir') or default)
    return cfg


def read_config_file(path: str | Path) -> Config:
    """A config file of this machine with what it inherits; its code runs.

    It is a .py file, a .json file as logs have it, or what else
    :func:`~mmscm.engine.package_files.config_path` finds. YAML is refused,
    although mmengine reads it: its reader runs Python that a tag names,
    which nobody expects of a text file.
    """
    file = config_path(path)
    elsewhere = '://' in str(path).removeprefix('file://')
    if elsewhere or file.suffix not in ('.py', '.json'):
        raise ValueError(
            'Expected a config file on this machine, *.py or *.json, but got '
            f'{path}. A config is code that runs: read it, then use it.'
        )
    if not file.is_file():
        raise FileNotFoundError(
            f'Expected a config file, but got {file}: no such file. The '
            'configs of this project are scm/deit-s_cub and so on.'
        )
    with package_bases():
        return Config.fromfile(file)


def _check_option(cfg: Config, key: str) -> None:
    """Refuse a key that the config lacks; mmengine would add it.

    Only an argument of a part, or one of the Runner, may be new.
    """
    node: Any = cfg
    names = key.split('.')
    for depth, name in enumerate(names):
        last = depth == len(names) - 1
        if last and isinstance(node, dict):
            return
        if isinstance(node, (list, tuple)):
            node = {str(index): entry for index, entry in enumerate(node)}
        known = list(node) if isinstance(node, (dict, Config)) else []
        known += KNOWN if last and node is cfg else []
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f'mean `{near[0]}`?' if near else f'mean one of {known}?'
            raise ValueError(
                'Expected a `--cfg-options` key of the config, but got '
                f'`{key}`: `{".".join(names[:depth]) or "the config"}` has '
                f'no `{name}`. Did you {hint}'
            )
        node = None if last else node[name]
