"""The linear classifier of a plain transformer, with a map of its own."""

from __future__ import annotations

from torch import Tensor

from mmscm.registry import MODELS

from .cam_head import CAMHead


@MODELS.register_module()
class ClassTokenHead(CAMHead):
    """Classifies the class token; the same weights on patches are the maps.

    Makes a localizer of a trained transformer as it is: class scores are its
    own. Its attention is the better map (``localize_with='attention'``).

    Args:
        num_classes (int): C, number of classes.
        in_channels (int): D, width of the tokens.
        **kwargs: See :class:`CAMHead`.
    """

    def project(self, tokens: tuple[Tensor, Tensor]) -> Tensor:
        """Logits of every patch, shape (B, C, H, W).

        Args:
            tokens (tuple[Tensor, Tensor]): Patch tokens, shape (B, D, H, W),
                and class token, shape (B, D).
        """
        return super().project(tokens[0])

    def forward(
        self, features: tuple[Tensor, tuple[Tensor, Tensor]]
    ) -> Tensor:
        """Logits (B, C) of the class token; features are map and tokens."""
        _, (_, class_token) = features
        return self.conv(class_token[..., None, None]).flatten(1)
