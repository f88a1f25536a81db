"""Run a tool by name: ``mmscm train CONFIG`` is ``tools/train.py CONFIG``."""

from __future__ import annotations

import ast
import os
import runpy
import sys
from difflib import get_close_matches
from pathlib import Path

from mmscm.engine.package_files import project_root

RUNS = {'.py': "if __name__ == '__main__'", '.sh': '#!'}
USAGE = """usage: mmscm TOOL [arguments of the tool]

The tools of mmscm; mmscm TOOL --help explains one.
A config is a file or, for one of mmscm, mmscm::scm/deit-s_cub.py.
"""


def main() -> None:
    """Run the tool that the first argument names."""
    tools = find_tools()
    name, *arguments = sys.argv[1:] or ['--help']
    if name in ('-h', '--help'):
        print(listing(tools))
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
        # a shell script without #! is part of others
        if RUNS[path.suffix] in path.read_text('utf-8')
    }


def listing(tools: dict[str, Path]) -> str:
    """The usage, and a line for every tool."""
    width = max(map(len, tools))
    lines = [f'  {name:{width}}  {summary(tools[name])}' for name in tools]
    return '\n'.join([USAGE, *lines])


def summary(path: Path) -> str:
    """What a tool says of itself, up to its command line."""
    text = path.read_text('utf-8')
    if path.suffix == '.sh':
        first = text.splitlines()[1].lstrip('# ')
    else:
        first = (ast.get_docstring(ast.parse(text)) or '').split('\n')[0]
    return first.split(':')[0].rstrip('.')


def run_python(tool: Path, arguments: list[str]) -> None:
    """As ``python tools/TOOL.py`` does, in this process."""
    sys.argv = [str(tool), *arguments]
    sys.path[0] = str(tool.parent)
    runpy.run_path(str(tool), run_name='__main__')


def run_script(tool: Path, arguments: list[str]) -> None:
    """Become the shell script; its processes use this Python."""
    os.environ.setdefault('PYTHON', sys.executable)
    os.execvp('bash', ['bash', str(tool), *arguments])


if __name__ == '__main__':
    main()
