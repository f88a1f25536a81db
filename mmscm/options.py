"""The command line of programs that run a config.

Imports no framework: the help of a program is there at once.
"""

from __future__ import annotations

import argparse
import ast
from typing import Any


def run_parser(description: str | None) -> argparse.ArgumentParser:
    """The command line of a program that runs a config."""
    parser = make_parser(description)
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
        default='none',
        help='what started the processes: none, pytorch, slurm or mpi;\n'
        'see tools/dist_train.sh',
    )
    return parser


def make_parser(description: str | None) -> argparse.ArgumentParser:
    """A parser that shows the docstring of its program as it is."""
    return argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawTextHelpFormatter
    )


def cpu_has_bfloat16() -> bool:
    """Whether --amp is faster on this CPU, not emulated in float32."""
    import torch

    # older versions of torch do not tell: then not
    capabilities = getattr(torch.cpu, 'get_capabilities', dict)()
    return bool(capabilities.get('avx512_bf16'))


class OptionAction(argparse.Action):
    """mmengine's ``--cfg-options KEY=VALUE ...``, with dicts and texts.

    It also reads dicts and lists of them, such as
    ``visualizer.vis_backends="[dict(type='LocalVisBackend')]"``, and keeps
    the spaces of a text.
    """

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Parse the values; what cannot be parsed ends the program."""
        options = dict(getattr(namespace, self.dest) or {})
        for value in values:
            key, equals, text = value.partition('=')
            try:
                if not equals:
                    raise ValueError
                options[key] = _parse(text)
            except (AssertionError, SyntaxError, ValueError):
                parser.error(
                    'Expected --cfg-options KEY=VALUE without spaces around '
                    f'`=` and with quotes around a VALUE that has any, but '
                    f'got {value}'
                )
        setattr(namespace, self.dest, options)


def _parse(val: str) -> Any:
    from mmengine.config import DictAction

    bracket, spaced = val.startswith(('[', '(')), ' ' in val
    quoted = bracket and spaced and ("'" in val or '"' in val)
    if not (quoted or 'dict(' in val or '{' in val):
        if bracket or not spaced:
            return DictAction._parse_iterable(val)
        texts = [text.strip(' \'"') for text in val.split(',')]
        values = [*map(DictAction._parse_int_float_bool, texts)]
        return values if len(values) > 1 else values[0]
    return ast.literal_eval(_Braces().visit(ast.parse(val, mode='eval')))


class _Braces(ast.NodeTransformer):
    """Write ``dict(a=1)`` as ``{'a': 1}``."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if ast.unparse(node.func) != 'dict' or node.args:
            return node
        words = node.keywords
        keys: list[ast.expr | None] = [ast.Constant(w.arg) for w in words]
        return ast.Dict(keys, [word.value for word in words])
