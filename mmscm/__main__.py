"""Run a tool by name: ``mmscm train CONFIG`` is ``tools/train.py CONFIG``."""

from __future__ import annotations

import ast
import os
import shlex
import signal
import sys
from contextlib import suppress
from difflib import get_close_matches
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from mmscm.console import one_line, quiet
from mmscm.project import project_root
from mmscm.version import __version__

RUNS = {'.py': "if __name__ == '__main__'", '.sh': '#!'}  # others are read
USAGE = """usage: mmscm [--version] TOOL [arguments of the tool]

The last part of the name of a tool is enough: mmscm report.
mmscm TOOL --help explains a tool; with --traceback it says where an error was.
A config is a file or the name of one of mmscm, such as scm/deit-s_cub.
"""
GROUPS = {  # first parts of the tools' paths; other tools are to maintain
    'use': 'infer webdemo demo deployment',
    'train': 'train dist_train slurm_train test dist_test slurm_test '
    'calibrate pseudo_masks',
    'analyse': 'analysis',
    'data': 'check_dataset dataset_converters',
    'maintain': '',
}
TRACEBACK = '--traceback'
LIGHT = {*sys.stdlib_module_names, 'mmscm.options', '_files'}  # to import


def main() -> None:
    """Run the tool that the first argument names."""
    tools = find_tools()
    name, *arguments = sys.argv[1:] or ['--help']
    name = whole_name(name, tools)
    if name in ('-h', '--help'):
        print(listing(tools))
    elif name == '--version':
        print(f'mmscm {__version__}')
    elif name not in tools:
        near = get_close_matches(name, tools, n=1)
        hint = f'Did you mean {near[0]}?' if near else 'See mmscm --help.'
        sys.exit(f'Expected the name of a tool, but got {name}. {hint}')
    elif tools[name].suffix == '.sh':
        run_script(tools[name], arguments)
    else:
        run_python(tools[name], arguments)


def find_tools() -> dict[str, Path]:
    """Every program below tools/ by its path without the suffix."""
    folder = project_root() / 'tools'
    return {
        path.relative_to(folder).with_suffix('').as_posix(): path
        for path in sorted([*folder.rglob('*.py'), *folder.rglob('*.sh')])
        if RUNS[path.suffix] in path.read_text('utf-8')
    }


def whole_name(name: str, tools: dict[str, Path]) -> str:
    """``analysis/report`` for ``report``; others as they are."""
    found = [tool for tool in tools if Path(tool).name == name]
    return found[0] if len(found) == 1 else name


def listing(tools: dict[str, Path]) -> str:
    """The usage, and a line for every tool, by what one wants to do."""
    group_of = {part: key for key in GROUPS for part in GROUPS[key].split()}
    lines: dict[str, list[str]] = {group: [] for group in GROUPS}
    width = max(map(len, tools))
    for name, path in tools.items():
        group = group_of.get(name.split('/')[0], 'maintain')
        lines[group].append(f'  {name:{width}}  {summary(path)}')
    blocks = ['\n'.join([f'{group}:', *lines[group]]) for group in lines]
    return '\n\n'.join([USAGE.rstrip(), *blocks])


def summary(path: Path) -> str:
    """What a tool says of itself, up to its command line."""
    text = path.read_text('utf-8')
    if path.suffix == '.sh':
        first = text.splitlines()[1].lstrip('# ')
    else:
        first = (ast.get_docstring(ast.parse(text)) or '').split('\n')[0]
    return first.split(':')[0].rstrip('.')


def run_python(tool: Path, arguments: list[str]) -> None:
    """As ``python tools/TOOL.py`` does, in this process and in few words."""
    command = ['mmscm', tool.stem]
    sys.argv = [' '.join(command), *arguments]  # usage lines begin with it
    whole = TRACEBACK in arguments
    if whole:
        sys.argv.remove(TRACEBACK)
    sys.path[0] = str(tool.parent)
    spec = spec_from_file_location('__main__', tool)
    sys.modules['__main__'] = module = module_from_spec(spec)
    module.__spec__ = None  # processes that it spawns go by the file
    # Ctrl-C ends this process, which ends its workers
    ignore = partial(signal.signal, signal.SIGINT, signal.SIG_IGN)
    os.register_at_fork(after_in_child=ignore)
    try:
        if {'-h', '--help'} & {*arguments}:
            show_help(tool)
        quiet()
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        again = shlex.join([*command, *arguments])
        if '--resume' not in arguments:
            again += ' --resume'
        resumes = "'--resume'" in tool.read_text('utf-8')
        print('\nStopped.', f'Go on: {again}' * resumes, file=sys.stderr)
        sys.exit(130)
    except Exception as error:
        line = None if whole else one_line(error)
        if line is None:
            raise
        sys.exit(f'{line} ({TRACEBACK} says where)')


def show_help(tool: Path) -> None:
    """Exit with the help of a tool, without what it computes with.

    That takes seconds to import. The tool runs up to its parser, but for the
    statements that need more than :data:`LIGHT`; returns if the parser does.
    """
    names = {'__name__': '__main__', '__file__': str(tool)}
    for node in ast.parse(tool.read_text('utf-8')).body:
        if isinstance(node, ast.ImportFrom | ast.Import):
            module = getattr(node, 'module', None) or node.names[0].name
            if not {module, module.split('.')[0]} & LIGHT:
                continue
        elif isinstance(node, ast.FunctionDef):
            node.decorator_list = []
        with suppress(NameError):  # of what was left out
            exec(compile(ast.Module([node], []), str(tool), 'exec'), names)


def run_script(tool: Path, arguments: list[str]) -> None:
    """Become the shell script; its processes use this Python."""
    os.environ.setdefault('PYTHON', sys.executable)
    os.execvp('bash', ['bash', str(tool), *arguments])


if __name__ == '__main__':
    main()
