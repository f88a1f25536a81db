"""Python blocks of README.md and docs/ run; configs among them build."""

import re
from textwrap import dedent

import cv2
import pytest
import timm
import torch
from doc_blocks import ROOT, fences, pages
from doc_checkout import PLACEHOLDERS
from small_models import build
from tool_runs import run_tool

from mmscm.apis import load_config
from mmscm.registry import DATASETS, METRICS, MODELS

# Configs, or parts of them: see below, and tests/datasets for those on data.
CONFIGS = re.compile(
    r'^(_base_|custom_\w+|\w+_dataloader|\w+_evaluator) =|{{_base_', re.M
)
OWN_BACKBONE = 'docs/bring_your_own_backbone.md'
OWN_FOLDER = 'docs/tutorials/train_on_your_own_folder.md'


def blocks(page: str) -> list[str]:
    found = fences(ROOT / page)
    return [dedent(text) for kind, text in found if kind == 'python']


RUN = [
    pytest.param(text, id=f'{page} {index}')
    for path in pages()
    for page in [path.relative_to(ROOT).as_posix()]
    for index, text in enumerate(blocks(page))
    if not CONFIGS.search(text)
]


@pytest.mark.parametrize('text', RUN)
def test_python_blocks_run(text, checkout, monkeypatch, capsys):
    monkeypatch.chdir(checkout)
    names = {'__name__': 'page'}
    exec(text, names)
    if isinstance(names.get('backbone'), dict):
        assert MODELS.get(names['backbone']['type'])
    printed = capsys.readouterr().out
    printed = printed.replace('torch.Size([', '(').replace('])', ')')
    # a comment behind a print says what it prints
    for shown in re.findall(r'^print\(.*\)  # ([(\[][^:\n]*)', text, re.M):
        assert shown in printed


def test_own_backbone_of_the_page_localizes():
    MODELS.module_dict.pop('OneLayer', None)  # of the test above
    exec(blocks(OWN_BACKBONE)[-1], {'__name__': 'my_module'})
    head = dict(type='mmscm.SemanticHead', in_channels=96)
    neck = dict(type='mmscm.SCM', num_blocks=1)
    model = build(dict(type='mmscm.OneLayer'), head, neck=neck)
    (sample,) = model.predict(torch.randn(1, 3, 32, 48))
    assert sample.localization_maps.shape == (5, 4, 6)


def test_backbones_that_a_page_names_are_timm_s():
    text = (ROOT / OWN_BACKBONE).read_text()
    names = re.findall(r'`((?:vit|deit3|eva02|beit)_\w+)`', text)
    assert len(names) >= 8
    assert all(timm.is_model(name) for name in names)


@pytest.fixture
def own_folder(checkout, monkeypatch):
    """The reader's folder after the first command of the page."""
    monkeypatch.chdir(checkout)
    script = 'dataset_converters/class_folders.py'
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
    assert MODELS.build(cfg.model).head.num_classes == 2
    sizes = [
        len(DATASETS.build(cfg[f'{split}_dataloader'].dataset))
        for split in ('train', 'val', 'test')
    ]
    assert [METRICS.build(metric) for metric in cfg.val_evaluator]
    assert sizes == [6, 2, 2]


@pytest.mark.slow
def test_the_framework_is_drawn_with_maps_of_a_checkpoint(
    checkout, monkeypatch, tmp_path
):
    figures = ROOT / 'docs' / 'figures'
    monkeypatch.syspath_prepend(str(figures))
    out = tmp_path / 'framework.png'
    checkpoint = str(checkout / PLACEHOLDERS['CHECKPOINT'])
    files = (str(ROOT / PLACEHOLDERS['CONFIG']), checkpoint)
    run_tool(figures / 'framework.py', *files, '--out', out)
    picture = cv2.imread(str(out))
    published = cv2.imread(str(ROOT / 'docs/images/framework.png'))
    assert picture.shape == published.shape
    assert picture.std() > 10
