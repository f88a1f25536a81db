"""Python blocks of README.md and docs/ run; configs among them build."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest
from doc_blocks import ROOT, fences, pages
from mmengine.registry import DefaultScope

from mmscm.apis import load_config
from mmscm.registry import DATASETS, METRICS, MODELS

# Configs, or parts of them: see below, and tests/datasets for those on data.
CONFIGS = re.compile(
    r'^(_base_|\w+_dataloader|\w+_evaluator) =|{{_base_', re.M
)
OWN_BACKBONE = 'docs/bring_your_own_backbone.md'  # has a test of its own
OWN_FOLDER = 'docs/tutorials/train_on_your_own_folder.md'


def blocks(page: str) -> list[str]:
    found = fences(ROOT / page)
    return [dedent(text) for kind, text in found if kind == 'python']


RUN = [
    pytest.param(text, id=f'{page} {index}')
    for path in pages()
    for page in [path.relative_to(ROOT).as_posix()]
    for index, text in enumerate(blocks(page))
    if page != OWN_BACKBONE and not CONFIGS.search(text)
]


@pytest.mark.parametrize('text', RUN)
def test_python_blocks_run(text, checkout, monkeypatch, capsys):
    monkeypatch.chdir(checkout)
    exec(text, {'__name__': 'page'})
    printed = capsys.readouterr().out
    printed = printed.replace('torch.Size([', '(').replace('])', ')')
    # a comment behind a print says what it prints
    for shown in re.findall(r'^print\(.*\)  # ([(\[][^:\n]*)', text, re.M):
        assert shown in printed


@pytest.fixture
def own_folder(checkout, monkeypatch, run_tool):
    """The reader's folder after the first command of the page."""
    monkeypatch.chdir(checkout)
    script = 'tools/dataset_converters/class_folders.py'
    run_tool(script, 'data/mine', '--boxes', 'data/mine/boxes.txt')
    return checkout / 'configs' / 'scm'


@pytest.mark.parametrize('extra', [False, True], ids=['boxes', 'no boxes'])
@pytest.mark.parametrize('block', [0, 1], ids=['micro', 'pretrained'])
def test_configs_of_an_own_folder_build(own_folder, block, extra):
    text = blocks(OWN_FOLDER)[block]
    if extra:
        text += 'data_root = "data/mine/"\n' + blocks(OWN_FOLDER)[2]
    path = own_folder / 'page.py'
    path.write_text(text)
    cfg = load_config(path)
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        assert MODELS.build(cfg.model).head.num_classes == 2
        sizes = [
            len(DATASETS.build(cfg[f'{split}_dataloader'].dataset))
            for split in ('train', 'val', 'test')
        ]
        assert [METRICS.build(metric) for metric in cfg.val_evaluator]
    assert sizes == [36, 12, 12]
