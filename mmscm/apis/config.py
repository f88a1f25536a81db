"""Read config files and the options that the command line adds."""

from __future__ import annotations

import argparse
import ast
import inspect
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mmengine.config import Config, DictAction
from mmengine.runner import Runner

from mmscm.engine.package_files import config_path, package_bases

# what mmengine reads from the config beside the Runner's arguments
BESIDE = ('auto_scale_lr', 'compile', 'custom_imports', 'sync_bn')
KNOWN = {*inspect.signature(Runner).parameters, *BESIDE}


class OptionAction(DictAction):
    """``--cfg-options KEY=VALUE ...`` of the command line.

    mmengine's DictAction, which also reads dicts and lists of them, such as
    ``visualizer.vis_backends="[dict(type='LocalVisBackend')]"``.
    """

    @staticmethod
    def _parse_iterable(val: str) -> Any:
        if 'dict(' not in val and '{' not in val:
            return DictAction._parse_iterable(val)
        return _literal(ast.parse(val, mode='eval').body)

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Parse the values; what cannot be parsed ends the program."""
        for value in values:
            try:
                super().__call__(parser, namespace, [value], option_string)
            except (AssertionError, SyntaxError, ValueError):
                parser.error(
                    'Expected --cfg-options KEY=VALUE without spaces around '
                    f'`=` and with quotes around a VALUE that has any, but '
                    f'got {value}'
                )


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

    YAML is refused, although mmengine reads it: its reader runs Python that
    a tag names, which nobody expects of a text file.

    Args:
        path (str | Path): A .py file, or a .json file as logs have it.

    Returns:
        Config: As written, with what it inherits.
    """
    if '://' in str(path) or Path(path).suffix not in ('.py', '.json'):
        raise ValueError(
            'Expected a config file on this machine, *.py or *.json, but got '
            f'{path}. A config is code that runs: read it, then use it.'
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
    """Refuse a key that the config lacks; mmengine would add it.

    Only an argument of a part, or one of the Runner, may be new.
    """
    node: Any = cfg
    *parents, last = key.split('.')
    for depth, name in enumerate(parents):
        _check_name(key, '.'.join(parents[:depth]), name, _names(node))
        node = node[int(name) if isinstance(node, (list, tuple)) else name]
    if not isinstance(node, dict):
        known = [] if parents else sorted(KNOWN)
        names = [*_names(node), *known]
        _check_name(key, '.'.join(parents), last, names)


def _names(node: Any) -> list[str]:
    if isinstance(node, (list, tuple)):
        return [str(index) for index in range(len(node))]
    return list(node) if isinstance(node, (dict, Config)) else []


def _check_name(key: str, where: str, name: str, names: list[str]) -> None:
    if name not in names:
        near = get_close_matches(name, names, n=1)
        hint = f'Did you mean `{near[0]}`?' if near else f'It has {names}.'
        raise ValueError(
            f'Expected a `--cfg-options` key of the config, but got `{key}`: '
            f'`{where or "the config"}` has no `{name}`. {hint}'
        )


def _literal(node: ast.expr) -> Any:
    """The value of an expression of constants, lists, tuples and dicts."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == 'dict':
        return {word.arg: _literal(word.value) for word in node.keywords}
    if isinstance(node, ast.Dict):
        keys = [_literal(key) for key in node.keys if key is not None]
        return dict(zip(keys, map(_literal, node.values), strict=True))
    if isinstance(node, (ast.List, ast.Tuple)):
        entries = [_literal(entry) for entry in node.elts]
        return tuple(entries) if isinstance(node, ast.Tuple) else entries
    return ast.literal_eval(node)
