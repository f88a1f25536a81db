"""Released checkpoints become files of this project, on the command line."""

import json

import pytest
import timm
import torch
from convert_released import convert_state_dict
from small_models import TIMM, build, vit_arch
from tool_runs import ROOT, run_tool
from torch.testing import assert_close
from torchvision.models import get_model

from mmscm.models import AttentionDeiT3, AttentionTIMM, AttentionViT

PARITY = ROOT / 'tests' / 'data' / 'parity'
SIZE = dict(img_size=32, patch_size=8)
TINY, OURS = TIMM | SIZE, dict(arch=vit_arch(24, 2, 3, 96), **SIZE)
CLIP = dict(pre_norm=True, norm_cfg=dict(type='LN', eps=1e-5))
SCALED = dict(init_values=0.1), dict(layer_scale_init_value=0.1)
IMAGES = torch.randn(2, 3, 32, 32, generator=torch.manual_seed(1))

# timm's model, its settings -> ours, its settings
SAME = [
    ('vit_base_patch16_224', {}, AttentionViT, {}),
    ('vit_base_patch16_224', SCALED[0], AttentionViT, SCALED[1]),
    ('vit_base_patch16_clip_224', {}, AttentionViT, CLIP),
    ('deit3_small_patch16_224', {}, AttentionDeiT3, {}),
]


def scm_weights(classes=7, blocks=2, prefix='', **size):
    """Names and shapes of a released model, with little inside."""
    size = TINY | size
    model = timm.create_model('vit_base_patch16_224', **size, num_classes=0)
    weights = dict(model.state_dict())
    weights['head.weight'] = torch.randn(classes, size['embed_dim'], 3, 3)
    weights['head.bias'] = torch.randn(classes)
    for block in range(blocks):
        weights[f'layers.{block}.thred'] = torch.tensor([0.25])
        weights[f'layers.{block}.fuse._loss_rate'] = torch.tensor([0.75])
    return {prefix + name: weight for name, weight in weights.items()}


@pytest.mark.parametrize(('name', 'settings', 'ours', 'own'), SAME)
@torch.no_grad()
def test_converted_weights_give_tokens_and_attention_of_timm(
    name, settings, ours, own
):
    torch.manual_seed(0)
    theirs = timm.create_model(name, **TINY, **settings).eval()
    for parameter in theirs.parameters():
        parameter += 0.1 * torch.randn_like(parameter)
    conversion = convert_state_dict(theirs.state_dict())
    weights = {
        name.removeprefix('backbone.'): weight
        for name, weight in conversion.state_dict.items()
    }
    backbone = ours(**OURS, **own)
    backbone.load_state_dict(weights, strict=True)
    backbone.eval()
    reference = AttentionTIMM(name, **TINY, **settings)
    reference.timm_model.load_state_dict(theirs.state_dict(), strict=False)
    reference.eval()
    for found, wanted in zip(backbone(IMAGES), reference(IMAGES), strict=True):
        assert_close(found, wanted)
    assert conversion.kind == 'classifier-vit'
    assert {'head.weight', 'head.bias'} <= set(conversion.dropped)


def test_wrapped_and_parallel_weights_have_the_names_used_here():
    checkpoint = {'epoch': 3, 'model': scm_weights(prefix='module.')}
    conversion = convert_state_dict(checkpoint)
    assert conversion.kind == 'scm-vit'
    assert len(conversion.state_dict) == len(scm_weights())
    found = conversion.state_dict
    assert found['neck.blocks.1.beta'] == torch.tensor(0.25)
    assert found['neck.blocks.0.lambda_'] == torch.tensor(0.75)
    assert found['head.conv.weight'].shape == (7, 24, 3, 3)
    assert 'backbone.layers.1.ffn.layers.0.0.weight' in found


def test_half_precision_becomes_single_and_counters_stay():
    weights = {k: v.half() for k, v in scm_weights(blocks=0).items()}
    conversion = convert_state_dict(weights)
    assert conversion.kind == 'tscam-vit'
    kinds = {value.dtype for value in conversion.state_dict.values()}
    assert kinds == {torch.float32}


def test_every_unmatched_name_is_listed():
    weights = scm_weights()
    weights['layers.0.gate'] = torch.zeros(1)
    weights['blocks.1.adapter.weight'] = torch.zeros(1)
    with pytest.raises(ValueError, match='got 2 more') as caught:
        convert_state_dict(weights)
    assert 'layers.0.gate, blocks.1.adapter.weight' in str(caught.value)


def test_registers_are_refused_and_the_way_out_is_named():
    model = timm.create_model('vit_small_patch14_reg4_dinov2', **TINY)
    with pytest.raises(ValueError, match='reg_token') as caught:
        convert_state_dict(model.state_dict())
    assert 'mmscm.AttentionTIMM' in str(caught.value)


def test_a_linear_patch_embedding_becomes_a_convolution():
    weights = scm_weights(blocks=0)
    kernel = weights['patch_embed.proj.weight']
    weights['patch_embed.proj.weight'] = kernel.flatten(1)
    found = convert_state_dict(weights).state_dict
    assert_close(found['backbone.patch_embed.projection.weight'], kernel)


@pytest.mark.parametrize(
    ('checkpoint', 'reason'),
    [
        ({'backbone.cls_token': torch.zeros(1)}, 'need no conversion'),
        ({'conv1.weight': torch.zeros(1)}, 'with `cls_token`'),
        ({}, 'dict of weights'),
        ([torch.zeros(1)], 'got list'),
    ],
)
def test_what_is_no_released_transformer_is_refused(checkpoint, reason):
    with pytest.raises(ValueError, match=reason):
        convert_state_dict(checkpoint)


INCEPTION = dict(type='mmscm.WSOLInceptionV3', last_stage=True)
CNNS = {
    'resnet50': (dict(type='ResNet', depth=50), 2048, 'cam-resnet'),
    'inception_v3': (INCEPTION, 2048, 'cam-inception'),
    'vgg16': (dict(type='mmscm.WSOLVGG'), 512, 'classifier-vgg'),
}


@pytest.mark.parametrize('name', CNNS)
def test_classifiers_of_torchvision_have_every_weight(name):
    backbone, width, kind = CNNS[name]
    with torch.device('meta'):
        theirs = get_model(name).state_dict()
    conversion = convert_state_dict(theirs)
    assert conversion.kind == kind
    head = dict(num_classes=1000, in_channels=width)
    ours = build(backbone, head).state_dict()
    if kind == 'classifier-vgg':  # three linear layers are no map
        ours = {k: v for k, v in ours.items() if k.startswith('backbone.')}
    shapes = {k: v.shape for k, v in ours.items()}
    assert {k: v.shape for k, v in conversion.state_dict.items()} == shapes


@pytest.fixture
def run(capsys):
    def run(source, target):
        run_tool('model_converters/convert_released.py', source, target)
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
def test_the_test_tool_takes_the_converted_file(run, tmp_path):
    source, target = tmp_path / 'scm.pth', tmp_path / 'converted.pth'
    size = dict(embed_dim=128, depth=6, num_heads=4)
    grid = dict(img_size=64, patch_size=8)  # the config has 112 px
    weights = scm_weights(10, 4, **size, **grid)
    torch.save({'state_dict': weights}, source)
    run(source, target)
    config = ROOT / 'configs' / 'scm' / 'vit-micro_toy.py'
    options = ['--work-dir', tmp_path / 'work', '--cfg-options']
    options += ['test_dataloader.dataset.length=10']
    options += ['test_dataloader.num_workers=0']
    run_tool('test.py', config, target, *options)
    record = json.loads((tmp_path / 'work/test_metrics.json').read_text())
    assert 0 <= record['metrics']['wsol/gt_known'] <= 100
