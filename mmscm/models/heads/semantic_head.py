"""The head of SCM and TS-CAM: patch tokens to one map a class (Eq. 2)."""

from __future__ import annotations

from mmscm.registry import MODELS

from .cam_head import CAMHead


@MODELS.register_module()
class SemanticHead(CAMHead):
    """3x3 convolution and global average pooling in place of the MLP head.

    Args:
        num_classes (int): C, number of classes.
        in_channels (int): D, width of the tokens.
        **kwargs: See :class:`CAMHead`.
    """

    def __init__(self, num_classes: int, in_channels: int, **kwargs) -> None:
        super().__init__(num_classes, in_channels, last_kernel=3, **kwargs)
