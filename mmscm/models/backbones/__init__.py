"""Backbones: images -> tokens, some with the class token's attention."""

from .attention_conformer import AttentionConformer
from .attention_deit3 import AttentionDeiT3
from .attention_lctr import AttentionLCTR
from .attention_sat import AttentionSAT
from .attention_timm import AttentionTIMM
from .attention_vit import AttentionViT
from .frozen_tokens import FrozenTokens
from .wsol_inception import WSOLInceptionV3
from .wsol_resnet import WSOLResNet
from .wsol_vgg import WSOLVGG

__all__ = [
    'WSOLVGG',
    'AttentionConformer',
    'AttentionDeiT3',
    'AttentionLCTR',
    'AttentionSAT',
    'AttentionTIMM',
    'AttentionViT',
    'FrozenTokens',
    'WSOLInceptionV3',
    'WSOLResNet',
]
