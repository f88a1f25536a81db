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

from mmscm.engine.launch import LAUNCHERS
from mmscm.engine.package_files import config_path, package_bases

# what mmengine reads from the config beside the Runner's arguments
BESIDE = ('auto_scale_lr', 'compile', 'custom_imports', 'sync_bn')
KNOWN = sorted({*inspect.signature(Runner).parameters, *BESIDE})


def run_parser(description: str | None) -> argparse.ArgumentParser:
    """The command line of a program that runs a config."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('config', help='config file or its name')
    parser.add_argument(
        '--work-dir',
        help='folder of logs and results\n'
        '(default: work_dirs/<folder>/<config>)',
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=OptionAction,
        metavar='KEY=VALUE',
        help='change the config, for example\n'
        'train_cfg.max_epochs=5 model.neck.num_blocks=2',
    )
    parser.add_argument(
        '--launcher',
        choices=LAUNCHERS,
        default='none',
        help='what started the processes; see tools/dist_train.sh',
    )
    return parser


class OptionAction(DictAction):
    """mmengine's ``--cfg-options KEY=VALUE ...``, with dicts and texts.

    It also reads dicts and lists of them, such as
    ``visualizer.vis_backends="[dict(type='LocalVisBackend')]"``, and keeps
    the spaces of a text.
    """

    @staticmethod
    def _parse_iterable(val: str) -> Any:
        bracket, spaced = val.startswith(('[', '(')), ' ' in val
        quoted = bracket and spaced and ("'" in val or '"' in val)
        if not (quoted or 'dict(' in val or '{' in val):
            if bracket or not spaced:
                return DictAction._parse_iterable(val)
            texts = [text.strip(' \'"') for text in val.split(',')]
            values = [*map(DictAction._parse_int_float_bool, texts)]
            return values if len(values) > 1 else values[0]
        return ast.literal_eval(_Braces().visit(ast.parse(val, mode='eval')))

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


class _Braces(ast.NodeTransformer):
    """Write ``dict(a=1)`` as ``{'a': 1}``."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if ast.unparse(node.func) != 'dict' or node.args:
            return node
        words = node.keywords
        keys: list[ast.expr | None] = [ast.Constant(w.arg) for w in words]
        return ast.Dict(keys, [word.value for word in words])


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
