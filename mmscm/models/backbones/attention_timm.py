"""Any timm ViT with a class token, with its attention as second output."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from mmpretrain.models.backbones import TIMMBackbone
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from mmscm.registry import MODELS
from mmscm.weights import backbone_weights

from .class_attention import attention_map, class_attention, map_layers

# timm's attentions whose weights are softmax(scale q k^T + bias) over tokens
EXACT = {
    *('Attention', 'AttentionRope', 'EvaAttention', 'RelPosAttention'),
    'ParallelScalingBlock',
}
EXAMPLES = (
    'deit3_small_patch16_224, vit_small_patch14_reg4_dinov2, '
    'vit_base_patch16_clip_224, eva02_small_patch14_336 and '
    'beit_base_patch16_224'
)


@MODELS.register_module()
class AttentionTIMM(TIMMBackbone):
    """A timm transformer by name, with attention map (Sec. 3.1).

    The attention is what the model itself computes: with its query and key
    norms, rotary positions and relative position bias, averaged over heads
    and layers. Register and distillation tokens are dropped.

    Args:
        model_name (str): A timm model with a class token.
        attention_layers (Sequence[int], optional): See AttentionViT.
        relation (bool): See AttentionViT.
        class_token (bool): Return the class token with the patches.
        checkpoint_path (str): A file of timm. As with ``pretrained``, its
            positions are resampled and its head is dropped.
        **kwargs: Arguments of mmpretrain's TIMMBackbone (``pretrained``) and
            of the timm model (``img_size`` in pixels, ``drop_path_rate``).
            ``dynamic_img_size`` is on where the model has it (all but BEiT
            and models with relative positions); others take images of
            ``img_size`` only, which may be (height, width).
    """

    returns_attention = True

    def __init__(
        self,
        model_name: str,
        attention_layers: Sequence[int] | None = None,
        relation: bool = False,
        class_token: bool = False,
        checkpoint_path: str = '',
        **kwargs,
    ) -> None:
        try:
            dynamic = dict(dynamic_img_size=True) | kwargs
            super().__init__(model_name, **dynamic)
        except TypeError as error:  # this model does not have the option
            if 'dynamic_img_size' not in str(error):
                raise
            super().__init__(model_name, **kwargs)
        if checkpoint_path:
            _load_file(self.timm_model, checkpoint_path)
            self._is_init = True
        attentions = _attentions(self.timm_model, model_name)
        for attention in attentions:
            attention.fused_attn = True  # the call that is recorded
        self.num_attentions = len(attentions)
        self.attention_layers = map_layers(attention_layers, len(attentions))
        self.relation = relation
        self.class_token = class_token
        self.num_extra_tokens = self.timm_model.num_prefix_tokens

    @property
    def patch_size(self) -> tuple[int, int]:
        """Height and width of a patch, pixels."""
        return tuple(self.timm_model.patch_embed.patch_size)

    def forward(
        self, images: Tensor
    ) -> tuple[Tensor | tuple[Tensor, Tensor], Tensor]:
        """Encode normalised images whose sides are multiples of the patch.

        Returns:
            tuple: As AttentionViT; with ``class_token`` the patch tokens are
            in a tuple with the class token, shape (B, D).
        """
        model = self.timm_model
        relation = self.relation and not self.training
        with ClassAttentionMode(relation) as recorder:
            tokens = model.forward_features(images)
        if len(recorder.rows) != self.num_attentions:
            raise RuntimeError(
                f'Expected {self.num_attentions} attentions in one pass, but '
                f'got {len(recorder.rows)}. Scripted models and attention '
                'without the fused kernel hide it.'
            )
        if isinstance(model.norm, nn.Identity):  # normed after pooling there
            tokens = model.fc_norm(tokens)
        grid = model.patch_embed.dynamic_feat_size(images.shape[-2:])
        extra = self.num_extra_tokens
        patches = tokens[:, extra:].mT.unflatten(2, grid)
        if self.class_token:
            patches = patches, tokens[:, 0]
        layers = self.attention_layers
        return patches, attention_map(recorder.rows, layers, extra, grid)


class ClassAttentionMode(TorchFunctionMode):
    """While on, records token 0's row of every fused attention.

    At the fused call queries and keys are final and the bias is explicit, so
    that one rule is exact for every family. Nothing is left on the modules.
    """

    def __init__(self, relation: bool) -> None:
        super().__init__()
        self.relation = relation
        self.rows: list[Tensor] = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func is F.scaled_dot_product_attention:
            query, key = args[:2]
            bias, scale = kwargs.get('attn_mask'), kwargs.get('scale')
            row = class_attention(query, key, scale, bias, self.relation)
            self.rows.append(row)
        return func(*args, **kwargs)


def _load_file(model: nn.Module, path: str) -> None:
    if not Path(path).is_file():
        raise FileNotFoundError(
            f'Expected a file of timm as `checkpoint_path`, but got {path}: '
            'no such file.'
        )
    if path.endswith('.npz'):  # of JAX
        model.load_pretrained(path)
        return
    from timm.models import load_state_dict

    # what timm does to the files that it downloads
    adapt = sys.modules[type(model).__module__].checkpoint_filter_fn
    given = adapt(load_state_dict(path), model)
    weights = backbone_weights(model, given, path)
    model.load_state_dict(weights, strict=False)


def _attentions(model: nn.Module, name: str) -> list[nn.Module]:
    blocks = getattr(model, 'blocks', nn.ModuleList())
    fused = [m for m in blocks.modules() if hasattr(m, 'fused_attn')]
    found = [module for module in fused if type(module).__name__ in EXACT]
    no_token = getattr(model, 'cls_token', None) is None
    if no_token or not found or len(found) < len(blocks):
        raise ValueError(
            'Expected a timm model whose class token attends to all patches '
            f'in every block, but got {name} ({type(model).__name__}). The '
            'attention map F^0 is that attention. Models that work: '
            f'{EXAMPLES}.'
        )
    return found


@MODELS.register_module()
class FrozenTokens(AttentionTIMM):
    """A timm transformer without its last norm, never trained (TriLite).

    Returns ``((patches, class token), attention)``. It stays in evaluation
    mode and makes no graph.

    Args:
        model_name (str): A timm model with a class token. DINOv2 keeps
            ``img_size=518``, the size of its position table; images may be
            smaller.
        **kwargs: Those of AttentionTIMM.
    """

    def __init__(self, model_name: str, **kwargs) -> None:
        super().__init__(model_name, class_token=True, **kwargs)
        self.timm_model.norm = nn.Identity()
        self.requires_grad_(False)

    def train(self, mode: bool = True) -> None:
        """Stay in evaluation mode."""
        super().train(False)

    @torch.no_grad()
    def forward(self, images: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor]:
        """As AttentionTIMM with ``class_token``, before the last norm."""
        return super().forward(images)
