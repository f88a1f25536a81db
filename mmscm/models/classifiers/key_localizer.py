"""LOST and TokenCut: one box an image from keys of a ViT, no training."""

from __future__ import annotations

from functools import partial

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

    Made of any ViT with ``num_extra_tokens`` and attention layers that have
    one projection ``qkv``; self-supervised ones (DINO, DINOv2) suit best.
    There is a box and no map. A head is needed for Top-k only.

    Args:
        backbone (dict): The ViT: mmpretrain's VisionTransformer (with a
            head, ``out_type='cls_token'``) or AttentionTIMM.
        method (dict): ``dict(type='lost', num_patches=100)`` or
            ``dict(type='token_cut', tau=0.05)``.
        head (dict, optional): Classifier on the class token.
        data_preprocessor (dict, optional): See mmpretrain; images are
            padded to whole patches with ``pad_size_divisor``.
        init_cfg (dict, optional): See mmengine's BaseModule.
    """

    def __init__(
        self,
        backbone: dict,
        method: dict,
        head: dict | None = None,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(
            backbone=backbone,
            head=head,
            data_preprocessor=data_preprocessor,
            init_cfg=init_cfg,
        )
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
        self, inputs: Tensor, data_samples: list[DataSample] | None = None
    ) -> list[DataSample]:
        """Localize, and classify if there is a head.

        Args:
            inputs (Tensor): Images of whole patches, shape
                (B, 3, H_img, W_img).
            data_samples (list[DataSample], optional): Filled in. Boxes are
                limited to an image's ``img_shape``.

        Returns:
            list[DataSample]: Each with ``pred_bboxes``, one box xyxy in
            pixels for every class, float32, shape (1, 4); with a head
            ``pred_score`` and ``pred_label``.
        """
        features, keys = self._encode(inputs)
        if self.with_head:
            data_samples = self.head.predict(features, data_samples)
        elif data_samples is None:
            data_samples = [DataSample() for _ in inputs]
        size = inputs.shape[-2:]
        for sample, key in zip(data_samples, keys, strict=True):
            box = self._box(key, size, sample.get('img_shape', size))
            sample.set_field(box, 'pred_bboxes')
        return data_samples

    def _box(
        self, keys: Tensor, size: tuple[int, int], shape: tuple[int, int]
    ) -> Tensor:
        """Box in pixels (1, 4) from keys (N, D)."""
        patch = (size[0] * size[1] / len(keys)) ** 0.5
        grid = tuple(round(side / patch) for side in size)
        found = self.discover(keys, grid)
        cells = component_box(found.mask.cpu().numpy(), found.seed)
        height, width = shape[:2]
        limits = torch.tensor([width, height, width, height])
        return torch.minimum(torch.tensor(cells) * patch, limits)[None]

    def _encode(self, inputs: Tensor) -> tuple[tuple, Tensor]:
        """The backbone's output, and the patches' last keys (B, N, D)."""
        projected: list[Tensor] = []
        handle = _last_qkv(self.backbone).register_forward_hook(
            lambda module, args, output: projected.append(output)
        )
        try:
            features = self.extract_feat(inputs)
        finally:
            handle.remove()
        keys = projected[0].chunk(3, dim=-1)[1].float()
        return features, keys[:, self.backbone.num_extra_tokens :]


def _last_qkv(backbone: nn.Module) -> nn.Module:
    """The projection of the last attention layer."""
    found = [
        module
        for name, module in backbone.named_modules()
        if name.endswith('attn.qkv')
    ]
    if not found or not hasattr(backbone, 'num_extra_tokens'):
        raise ValueError(
            'Expected a ViT with `num_extra_tokens` and attention layers '
            'that have a projection `qkv`, such as VisionTransformer or '
            f'mmscm.AttentionTIMM, but got {type(backbone).__name__}.'
        )
    return found[-1]
