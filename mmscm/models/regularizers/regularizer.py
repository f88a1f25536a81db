"""The base of all regularizers, and what one step of training gives them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from mmengine.logging import MessageHub
from mmengine.model import BaseModule
from torch import Tensor, nn


@dataclass(frozen=True)
class Step:
    """One batch on its way through the plain network, in the graph."""

    inputs: Tensor  # images, shape (B, 3, H_img, W_img)
    labels: Tensor | None  # true classes (B,); None if there are soft ones
    tokens: Tensor  # (B, D, H, W), a tuple where the head takes a tuple
    semantic: Tensor  # S^0, before a neck, shape (B, C, H, W)
    attention: Tensor | None  # F^0 (B, H, W); None if the backbone has none
    logits: Tensor  # of the classification loss, behind a neck, (B, C)


class Regularizer(BaseModule):
    """Adds terms to the loss, changes layers in training, or both.

    Its own parameters reach the optimizer and the checkpoint. A part that
    needs the label of every image sets ``needs_labels``; it is refused with
    batch augments when the model is built.
    """

    needs_labels = False

    def bind(self, model: nn.Module) -> None:
        """Meet the finished model, once; the place for forward hooks.

        Hooks are methods of the regularizer or of a :class:`Tail`, so that a
        copy of the model (EMA) has its own.
        """
        self._model = (model,)  # a module as attribute would be a child

    @property
    def model(self) -> nn.Module:
        """The classifier this is part of."""
        return self._model[0]

    @property
    def epoch(self) -> int:
        """Epochs that this training has completed."""
        return MessageHub.get_current_instance().get_info('epoch', 0)

    def forward(self, step: Step) -> dict[str, Tensor]:
        """Terms of the loss, weighted, after the pass through the network.

        Scalars with 'loss' in the name are summed by mmengine, others logged.
        """
        return {}

    def draw(
        self, *size: int, device: torch.device | str | None = None
    ) -> Tensor:
        """Uniform random numbers in [0, 1), float32, of this size.

        All that is random in a regularizer comes from here, so that a test
        can put recorded numbers in its place.
        """
        return torch.rand(size, device=device)
