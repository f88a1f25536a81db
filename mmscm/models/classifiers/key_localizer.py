"""LOST and TokenCut: one box an image from keys of a ViT, no training."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from mmpretrain.models.classifiers import ImageClassifier
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmscm.functional.discovery import component_box, lost, token_cut
from mmscm.registry import MODELS

METHODS = dict(lost=lost, token_cut=token_cut)


@MODELS.register_module()
class KeyLocalizer(ImageClassifier):
    """Localizes the most salient object, whatever its class.

    Features of self-supervised networks (DINO, DINOv2) suit best. The box
    is not cut from a map. A head is needed for Top-k only.

    Args:
        backbone (dict): AttentionTIMM or AttentionViT, with a head
            AttentionTIMM with ``class_token``.
        method (dict): ``dict(type='lost', num_patches=100)`` or
            ``dict(type='token_cut', tau=0.05)``.
        **kwargs: Those of mmpretrain's ``ImageClassifier``: a ``head`` such
            as ClassTokenHead; a ``data_preprocessor`` that pads images to
            whole patches (``pad_size_divisor``).
    """

    def __init__(self, backbone: dict, method: dict, **kwargs: Any) -> None:
        super().__init__(backbone=backbone, **kwargs)
        options = dict(method)
        name = options.pop('type')
        if name not in METHODS:
            raise ValueError(
                f'Expected `method.type` of {sorted(METHODS)}, but got '
                f'{name!r}.'
            )
        self.discover = partial(METHODS[name], **options)
        _last_qkv(self.backbone)

    @torch.no_grad()
    def predict(
        self,
        inputs: Tensor,
        data_samples: list[DataSample] | None = None,
        labels: Sequence[int] = (),
    ) -> list[DataSample]:
        """Localize, and classify if there is a head.

        Args:
            inputs (Tensor): Images of whole patches, shape
                (B, 3, H_img, W_img).
            data_samples (list[DataSample], optional): Filled in with
                ``pred_bboxes``, one box xyxy in pixels, limited to an image's
                ``img_shape``, for every class, float32, shape (1, 4), and as
                ``localization_maps``, float32, shape (1, H, W), the method's
                score of the patches in its mask; with a head ``pred_score``
                and ``pred_label``.
            labels (Sequence[int]): Ignored: all classes have the same map.
        """
        tokens, keys = self._encode(inputs)
        if self.with_head:
            data_samples = self.head.predict((None, tokens), data_samples)
        elif data_samples is None:
            data_samples = [DataSample() for _ in inputs]
        size, patch = inputs.shape[-2:], self.backbone.patch_size
        grid = tuple(n // step for n, step in zip(size, patch, strict=True))
        for sample, key in zip(data_samples, keys, strict=True):
            found = self.discover(key, grid)
            height, width = sample.get('img_shape', size)[:2]
            cells = component_box(found.mask.cpu().numpy(), found.seed)
            box = torch.tensor(cells) * torch.tensor(patch[::-1] * 2)
            box = torch.minimum(box, torch.tensor([width, height] * 2))
            sample.set_field(box[None].float(), 'pred_bboxes')
            least = found.score[found.mask].min()
            score = found.score.clamp(min=least)[None].float()
            sample.set_field(score, 'localization_maps')
        return data_samples

    def _encode(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """The backbone's tokens, and the patches' last keys (B, N, D)."""
        projected: list[Tensor] = []
        handle = _last_qkv(self.backbone).register_forward_hook(
            lambda module, args, output: projected.append(output)
        )
        try:
            tokens, _ = self.backbone(inputs)
        finally:
            handle.remove()
        keys = projected[0].chunk(3, dim=-1)[1].float()
        return tokens, keys[:, self.backbone.num_extra_tokens :]


def _last_qkv(backbone: nn.Module) -> nn.Module:
    """The projection of the last attention layer."""
    modules = dict(backbone.named_modules())
    found = [modules[name] for name in modules if name.endswith('attn.qkv')]
    if not found or not getattr(backbone, 'returns_attention', False):
        raise ValueError(
            'Expected mmscm.AttentionTIMM or mmscm.AttentionViT with a '
            'projection `qkv` in each attention, but got '
            f'{type(backbone).__name__}.'
        )
    return found[-1]
