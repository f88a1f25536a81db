"""Names of weights: released SCM, TS-CAM, Conformer and timm -> here.

Every rule is a regular expression of a whole name and its replacement.
"""

from __future__ import annotations

import re

# inside one transformer layer; the gammas are LayerScale (DeiT-III)
_LAYER = {
    r'norm([12])\.(weight|bias)': r'ln{0}.{1}',
    r'attn\.(qkv|proj)\.(weight|bias)': r'attn.{0}.{1}',
    r'mlp\.fc1\.(weight|bias)': r'ffn.layers.0.0.{0}',
    r'mlp\.fc2\.(weight|bias)': r'ffn.layers.1.{0}',
    r'(?:ls1\.gamma|gamma_1)': r'attn.gamma1.weight',
    r'(?:ls2\.gamma|gamma_2)': r'ffn.gamma2.weight',
}


def _layer(pattern: str, name: str, groups: int) -> dict[str, str]:
    """Rules of a layer behind a prefix that has ``groups`` groups."""
    references = [rf'\{groups + number}' for number in (1, 2)]
    return {
        rf'{pattern}\.{inner}': f'{name}.{renamed.format(*references)}'
        for inner, renamed in _LAYER.items()
    }


VIT = {
    r'(cls_token|dist_token|pos_embed)': r'backbone.\1',
    r'patch_embed\.proj\.(weight|bias)': r'backbone.patch_embed.projection.\1',
    r'norm_pre\.(weight|bias)': r'backbone.pre_norm.\1',
    r'norm\.(weight|bias)': r'backbone.ln1.\1',
    **_layer(r'blocks\.(\d+)', r'backbone.layers.\1', 1),
}

_NORM = r'(?:weight|bias|running_mean|running_var|num_batches_tracked)'
_CONFORMER_CNN = (
    r'cls_token',
    rf'(?:conv1|bn1|trans_patch_conv|trans_norm)\.{_NORM}',
    r'(?:conv_1|conv_trans_\d+\.(?:cnn|fusion)_block)\.'
    rf'(?:conv[123]|bn[123]|residual_conv|residual_bn)\.{_NORM}',
    r'conv_trans_\d+\.(?:squeeze|expand)_block\.'
    rf'(?:conv_project|ln|bn)\.{_NORM}',
)
CONFORMER = {
    rf'({"|".join(_CONFORMER_CNN)})': r'backbone.\1',
    **_layer(r'trans_1', r'backbone.trans_1', 0),
    **_layer(r'(conv_trans_\d+\.trans_block)', r'backbone.\1', 1),
}

VIT_HEAD = {r'head\.(weight|bias)': r'head.conv.\1'}
CONFORMER_HEAD = {
    r'trans_cls_head\.(weight|bias)': r'head.conv.\1',
    r'conv_cls_head\.(weight|bias)': r'head.fc.\1',
}
SCM = {
    r'layers\.(\d+)\.thred': r'neck.blocks.\1.beta',
    r'layers\.(\d+)\.fuse\._loss_rate': r'neck.blocks.\1.lambda_',
}

# what localization does not use: heads of plain classification
LINEAR_HEADS = r'(?:head|head_dist|trans_cls_head|conv_cls_head)\.\w+'
NOTHING = r'(?!)'


def rename(name: str, rules: dict[str, str]) -> str | None:
    """The name used here, None where no rule covers the whole name."""
    for pattern, replacement in rules.items():
        match = re.fullmatch(pattern, name)
        if match:
            return match.expand(replacement)
    return None
