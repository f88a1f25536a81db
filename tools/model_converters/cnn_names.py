"""Names of weights: released CNN methods, torchvision -> here.

wsolevaluation's CAM, ACoL, SPG and ADL, BGC and BAS, on VGG16, ResNet-50 and
Inception v3. Rules are those of weight_names.py.
"""

from __future__ import annotations

import re
from collections import Counter

# the 13 convolutions of VGG16, in the backbone here
VGG_PLACES = (0, 1, 3, 4, 6, 7, 8, 10, 11, 12, 14, 15, 16)
_BLOCK = r'layer\d\.\d+'
_VGG = r'((?:features|SPG_A_[12])\.[\d.]+|conv\d_\d)\.weight'

RESNET = {
    r'((?:conv1|bn1)\..*)': r'backbone.\1',
    # cut elsewhere by SPG and BGC
    r'SPG_A1\.0\.(.*)': r'backbone.layer3.0.\1',
    **{
        rf'SPG_A2\.{n}\.(.*)': rf'backbone.layer3.{n + 1}.\1' for n in range(5)
    },
    r'layer4_1\.0\.(.*)': r'backbone.layer4.0.\1',
    r'layer4_2\.0\.(.*)': r'backbone.layer4.1.\1',
    r'layer4_2\.1\.(.*)': r'backbone.layer4.2.\1',
}
INCEPTION = {r'((?:Conv2d|Mixed)_\w\w(?:_\dx\d)?\..*)': r'backbone.\1'}

HEADS = {
    r'(?:fc|SPG_A_?4)\.(\w+)': r'head.conv.\1',
    r'conv6\.(\w+)': r'head.hidden.0.0.\1',
    r'(?:SPG_A_3\.0|SPG_A3_1b\.0)\.(\w+)': r'head.hidden.0.0.\1',
    r'(?:SPG_A_3\.2|SPG_A3_2b\.0)\.(\w+)': r'head.hidden.1.0.\1',
    r'SPG_B_1a\.0\.(\w+)': r'regularizers.0.early.0.\1',
    r'SPG_B_2a\.0\.(\w+)': r'regularizers.0.middle.0.\1',
    r'SPG_B_shared\.([02])\.(\w+)': r'regularizers.0.shared.\1.\2',
    r'SPG_C\.([02])\.(\w+)': r'regularizers.0.last.\1.\2',
    r'classifier_loc\.0\.(\w+)': r'head.generator.0.\1',
}
for _released, _ours in (
    ('classifier(?:_A|_cls)?', 'head'),
    ('classifier_B', 'head.other'),
):
    HEADS |= {
        rf'{_released}\.0\.(\w+)': rf'{_ours}.hidden.0.0.\1',
        rf'{_released}\.2\.(\w+)': rf'{_ours}.hidden.1.0.\1',
        rf'{_released}\.4\.(\w+)': rf'{_ours}.conv.\1',
    }

# BAS's frozen copies, Inception's second head, VGG's three linear layers
UNUSED = r'(?:\w*_copy\w*|AuxLogits)\..*'
VGG_LINEAR = r'classifier\.\d\.\w+'

METHODS = {
    'classifier_B.4.weight': 'acol',
    'SPG_C.2.weight': 'spg',
    'classifier_loc.0.weight': 'bas',
    'layer4_2.0.conv1.weight': 'bgc',
    'features.2.5.weight': 'bgc',
}


def cnn_rules(names: list[str]) -> tuple[str, dict[str, str], str] | None:
    """Kind of a checkpoint, its rules and what it has no use for.

    Args:
        names (list[str]): All weights, in the order of the file.

    Returns:
        tuple[str, dict[str, str], str] | None: The kind such as
        'acol-resnet', rules for `rename`, and a regular
        expression of names to drop. None if it is none of these networks.
    """
    known = (kind for name, kind in METHODS.items() if name in names)
    method = next(known, 'cam')
    if 'layer1.0.conv3.weight' in names:
        return f'{method}-resnet', _blocks(names) | RESNET | HEADS, UNUSED
    if 'Mixed_6e.branch1x1.conv.weight' in names:
        return f'{method}-inception', INCEPTION | HEADS, UNUSED
    found = [re.fullmatch(_VGG, name) for name in names]
    layers = [match[1] for match in found if match]
    if len(layers) != len(VGG_PLACES):
        return None
    rules = {
        rf'{re.escape(layer)}\.(\w+)': rf'backbone.features.{place}.conv.\1'
        for layer, place in zip(layers, VGG_PLACES, strict=True)
    }
    if 'classifier.6.weight' in names:  # torchvision's
        return 'classifier-vgg', rules, VGG_LINEAR
    return f'{method}-vgg', rules | HEADS, UNUSED


def _blocks(names: list[str]) -> dict[str, str]:
    """Blocks of a ResNet by their order: ADL's layers leave gaps."""
    blocks = dict.fromkeys(
        match[0] for name in names if (match := re.match(_BLOCK, name))
    )
    rules, count = {}, Counter()
    for block in blocks:
        layer, _ = block.split('.')
        place = f'backbone.{layer}.{count[layer]}'
        rules[rf'{re.escape(block)}\.(.*)'] = rf'{place}.\1'
        count[layer] += 1
    return rules
