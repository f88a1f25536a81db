"""The head: patch tokens to one semantic map a class (Eq. 2)."""

from __future__ import annotations

from mmpretrain.models.heads import ClsHead
from torch import Tensor, nn

from mmscm.registry import MODELS

# "He-initialised" in the paper. Released code: PyTorch's default of Conv2d.
HE_INIT = dict(
    type='Kaiming', layer='Conv2d', mode='fan_in', nonlinearity='relu'
)


@MODELS.register_module()
class SemanticHead(ClsHead):
    """3x3 convolution and global average pooling in place of the MLP head.

    Args:
        num_classes (int): C, number of classes.
        in_channels (int): D, width of the tokens.
        loss (dict): Loss of mmpretrain's registry.
        topk (tuple[int, ...]): Training accuracies to log.
        cal_acc (bool): Log training accuracy; off under label mixing.
        init_cfg (dict | list, optional): He initialisation by default; an
            empty list leaves PyTorch's, as the released code does.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        loss: dict | None = None,
        topk: tuple[int, ...] = (1,),
        cal_acc: bool = True,
        init_cfg: dict | list | None = None,
    ) -> None:
        for name, value in (
            ('num_classes', num_classes),
            ('in_channels', in_channels),
        ):
            if value < 1:
                raise ValueError(f'Expected `{name}` >= 1, but got {value}.')
        if max(topk) > num_classes:
            raise ValueError(
                f'Expected `topk` up to the {num_classes} classes, '
                f'but got {topk}.'
            )
        super().__init__(
            loss=loss or dict(type='CrossEntropyLoss'),
            topk=topk,
            cal_acc=cal_acc,
            init_cfg=HE_INIT if init_cfg is None else init_cfg,
        )
        self.num_classes = num_classes
        self.conv = nn.Conv2d(in_channels, num_classes, 3, padding=1)

    def project(self, tokens: Tensor) -> Tensor:
        """Semantic map S^0 (Eq. 2).

        Args:
            tokens (Tensor): Patch tokens, shape (B, D, H, W).

        Returns:
            Tensor: Semantic map, shape (B, C, H, W).
        """
        return self.conv(tokens)

    def features(self, semantic: Tensor, tokens: Tensor) -> Tensor:
        """What ``forward`` makes logits of: here the semantic map alone.

        Args:
            semantic (Tensor): Semantic map S, shape (B, C, H, W).
            tokens (Tensor): First output of the backbone.

        Returns:
            Tensor: Semantic map, shape (B, C, H, W).
        """
        return semantic

    def forward(self, semantic: Tensor) -> Tensor:
        """Global average pooling.

        Args:
            semantic (Tensor): Semantic map S, shape (B, C, H, W).

        Returns:
            Tensor: Logits, shape (B, C).
        """
        return semantic.mean((-2, -1))
