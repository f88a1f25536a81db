"""Heads: tokens -> semantic map -> logits and loss."""

from .acol_head import ACoLHead
from .bas_head import BASHead
from .cam_head import CAMHead, ClassTokenHead, SemanticHead
from .ccam_head import CCAMHead
from .cdm_head import CDMHead
from .conformer_semantic_head import ConformerSemanticHead
from .mff_head import MFFHead
from .pseudo_mask_head import PseudoMaskHead
from .self_correlation_head import SelfCorrelationHead
from .tri_head import TriHead

__all__ = [
    'ACoLHead',
    'BASHead',
    'CAMHead',
    'CCAMHead',
    'CDMHead',
    'ClassTokenHead',
    'ConformerSemanticHead',
    'MFFHead',
    'PseudoMaskHead',
    'SelfCorrelationHead',
    'SemanticHead',
    'TriHead',
]
