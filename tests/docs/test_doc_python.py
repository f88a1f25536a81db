"""Python blocks of README.md and docs/ compile, and run if they can."""

from __future__ import annotations

import ast
import re
from textwrap import dedent

import pytest
from doc_blocks import ROOT, fences, pages

# Blocks of these pages need files that tests of their own write.
TUTORIALS = 'tests/docs/test_tutorials.py'
RUN_BY = {
    'docs/data/ilsvrc.md': 'tests/datasets/test_data_pages.py',
    'docs/bring_your_own_backbone.md': (
        'tests/docs/test_bring_your_own_backbone.py'
    ),
    'docs/tutorials/localize_your_photos.md': TUTORIALS,
    'docs/tutorials/train_on_your_own_folder.md': TUTORIALS,
}
BLOCKS = [
    pytest.param(page, dedent(text), id=f'{page} {index}')
    for path in pages()
    for page in [path.relative_to(ROOT).as_posix()]
    for index, (kind, text) in enumerate(fences(path))
    if kind == 'python'
]


def names_a_file_of_the_reader(text: str) -> bool:
    """A checkpoint or an image that the reader has and this test has not."""
    return re.search(r"'[^'\n]*\.(pth|jpg|png)'", text) is not None


@pytest.mark.parametrize(('page', 'text'), BLOCKS)
def test_python_blocks_run(page, text, monkeypatch, capsys):
    tree = ast.parse(text)
    if page in RUN_BY:
        assert (ROOT / RUN_BY[page]).is_file()
        return
    if names_a_file_of_the_reader(text):
        kept = [n for n in tree.body if isinstance(n, ast.ImportFrom)]
        text = ast.unparse(ast.Module(kept, []))
    monkeypatch.chdir(ROOT)
    exec(text, {'__name__': 'page'})
    printed = capsys.readouterr().out
    # a comment behind a print says what it prints
    for shown in re.findall(r'^print\(.*\)  # ([(\[][^:\n]*)', text, re.M):
        assert shown in printed.replace('torch.Size([', '(').replace('])', ')')
