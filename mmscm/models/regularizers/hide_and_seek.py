"""HaS: hide cells of the images."""

from __future__ import annotations

from math import ceil

from torch import Tensor, nn

from mmscm.registry import MODELS

from .regularizer import Regularizer


@MODELS.register_module()
class HideAndSeek(Regularizer):
    """Set cells of training images to 0 (Singh and Lee, ICCV 2017).

    0 is the mean colour of the data set. A cell at the border may be cut.

    Args:
        grid_size (int): Side of a cell in pixels.
        drop_rate (float): Probability that a cell is hidden, in [0, 1].
    """

    def __init__(self, grid_size: int, drop_rate: float) -> None:
        super().__init__()
        if grid_size < 1:
            raise ValueError(
                f'Expected `grid_size` of a pixel or more, but got '
                f'{grid_size}.'
            )
        self.grid_size = grid_size
        self.drop_rate = drop_rate

    def bind(self, model: nn.Module) -> None:
        """Hide what the backbone sees."""
        super().bind(model)
        model.backbone.register_forward_pre_hook(self._hide)

    def _hide(self, backbone: nn.Module, inputs: tuple) -> Tensor | None:
        if not self.training:
            return None
        images, side = inputs[0], self.grid_size
        *lead, height, width = images.shape
        grid = lead[0], ceil(height / side), ceil(width / side)
        keep = self.draw(*grid, device=images.device) > self.drop_rate
        keep = keep.repeat_interleave(side, 1).repeat_interleave(side, 2)
        return images * keep[:, None, :height, :width]
