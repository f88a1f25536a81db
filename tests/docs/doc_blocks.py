"""The commands and Python blocks of README.md and docs/, by page.

``shell`` blocks run in tests; ``shell-data`` (data, GPUs or a network),
``shell-long`` (minutes) and ``shell-serves`` (until stopped) are checked for
files and options.
"""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r'^( *)```+(\S*)[^\n]*\n(.*?)^\1```', re.M | re.S)
INDENTED = re.compile(r'(?<=\n)    ((?:python|make|tools/|mmscm) ?\S.*)')
# "# 8 GPUs" behind a command says the same as a marked block
NEEDS = re.compile(r'#.*\b(needs|GPUs)\b')


@dataclass(frozen=True)
class Command:
    """One command of a page.

    Attributes:
        page (str): Its path below the repository.
        kind (str): 'shell', 'shell-data', 'shell-long', 'shell-serves', or
            'indented'.
        text (str): On one line, with its comment.
    """

    page: str
    kind: str
    text: str

    @property
    def words(self) -> list[str]:
        """Without settings of the environment in front of it."""
        words = shlex.split(self.text, comments=True)
        while words and re.match(r'[A-Z_]+=', words[0]):
            words = words[1:]
        return words

    def __str__(self) -> str:
        return ' '.join(self.words)


def pages() -> list[Path]:
    """README.md and all of docs/."""
    return [ROOT / 'README.md', *sorted((ROOT / 'docs').rglob('*.md'))]


def fences(path: Path) -> list[tuple[str, str]]:
    """Language and text of every fenced block."""
    found = FENCE.findall(path.read_text())
    return [(kind, text) for _, kind, text in found]


def commands(path: Path) -> list[Command]:
    """All commands of a page, in order."""
    page = path.relative_to(ROOT).as_posix()
    found = []
    for kind, text in fences(path):
        if kind.startswith('shell'):
            for line in text.replace('\\\n', ' ').splitlines():
                marked = 'shell-data' if NEEDS.search(line) else kind
                found.append(Command(page, marked, line))
    plain = FENCE.sub('', path.read_text())
    for line in INDENTED.findall(plain):
        found.append(Command(page, 'indented', line))
    return [command for command in found if command.words]


def all_commands(*kinds: str) -> list[Command]:
    """The commands of these kinds on all pages, each once."""
    found = [c for path in pages() for c in commands(path) if c.kind in kinds]
    return list({str(command): command for command in found}.values())


def saved_files() -> set[str]:
    """Files that a page tells the reader to write."""
    texts = [path.read_text() for path in pages()]
    return {n for t in texts for n in re.findall(r'Save this as `(.+?)`', t)}
