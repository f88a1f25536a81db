"""The converter's command line: files in, files out, what it prints."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest
import timm
import torch

ROOT = Path(__file__).parents[2]
PARITY = ROOT / 'tests' / 'data' / 'parity'
SCRIPT = str(ROOT / 'tools' / 'model_converters' / 'convert_released.py')


@pytest.fixture
def run(monkeypatch, capsys):
    def run(source, target):
        monkeypatch.setattr('sys.argv', [SCRIPT, str(source), str(target)])
        runpy.run_path(SCRIPT, run_name='__main__')
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize(
    ('name', 'kind', 'count'),
    [
        ('scm_official', 'scm-vit', 52),
        ('tscam', 'tscam-vit', 44),
        ('conformer_scm', 'scm-conformer', 726),
    ],
)
def test_kind_and_every_weight_are_printed(run, tmp_path, name, kind, count):
    target = tmp_path / 'new folder' / 'converted.pth'
    printed = run(PARITY / f'{name}_weights_fp16.pth', target)
    checkpoint = torch.load(target, weights_only=True)
    assert f'{kind}: {count} weights' in printed
    assert checkpoint['meta']['kind'] == kind
    assert len(checkpoint['state_dict']) == count
    for weight in checkpoint['state_dict']:
        assert f'-> {weight} ' in printed


def test_a_linear_head_is_dropped_and_said_so(run, tmp_path):
    source, target = tmp_path / 'vit.pth', tmp_path / 'converted.pth'
    weights = torch.load(PARITY / 'tscam_weights_fp16.pth', weights_only=True)
    weights['head.weight'] = weights['head.weight'].sum((2, 3))
    torch.save(weights, source)
    printed = run(source, target)
    assert 'head.weight' in printed.split('dropped')[0].splitlines()[-1]
    assert 'classifier-vit: 42 weights' in printed
    converted = torch.load(target, weights_only=True)['state_dict']
    assert all(name.startswith('backbone.') for name in converted)


def test_the_source_is_never_overwritten(run, tmp_path):
    source = tmp_path / 'vit.pth'
    source.write_bytes((PARITY / 'tscam_weights_fp16.pth').read_bytes())
    with pytest.raises(ValueError, match='is not the source'):
        run(source, source)


@pytest.mark.slow
def test_the_test_tool_takes_the_converted_file(run, tmp_path, monkeypatch):
    source, target = tmp_path / 'scm.pth', tmp_path / 'converted.pth'
    size = dict(embed_dim=128, depth=6, num_heads=4)
    grid = dict(img_size=64, patch_size=8)  # the config has 112 px
    model = timm.create_model('vit_base_patch16_224', **size, **grid)
    weights = dict(model.state_dict())
    weights['head.weight'] = torch.randn(10, 128, 3, 3)
    weights['head.bias'] = torch.zeros(10)
    for block in range(4):
        weights[f'layers.{block}.thred'] = torch.tensor([0.5])
        weights[f'layers.{block}.fuse._loss_rate'] = torch.tensor([1.0])
    torch.save({'state_dict': weights}, source)
    run(source, target)
    monkeypatch.setattr(
        'sys.argv',
        [
            'test.py',
            str(ROOT / 'configs' / 'scm' / 'vit-micro_toy.py'),
            str(target),
            *('--work-dir', str(tmp_path / 'work')),
            '--cfg-options',
            'test_dataloader.dataset.length=10',
            'test_dataloader.num_workers=0',
        ],
    )
    runpy.run_path(str(ROOT / 'tools' / 'test.py'), run_name='__main__')
    record = json.loads((tmp_path / 'work/test_metrics.json').read_text())
    assert 0 <= record['metrics']['wsol/gt_known'] <= 100
