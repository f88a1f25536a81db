"""Backbones: images -> tokens, some with the class token's attention."""

from .attention_conformer import AttentionConformer
from .attention_lctr import AttentionLCTR
from .attention_sat import AttentionSAT
from .attention_timm import AttentionTIMM, FrozenTokens
from .attention_vit import AttentionDeiT3, AttentionViT
from .wsol_cnns import WSOLVGG, WSOLInceptionV3, WSOLResNet

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
