"""LCTR's head: kernels that are mixed anew for every image."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmscm.registry import MODELS

from .cam_head import SemanticHead

NUM_EXPERTS = 4


@MODELS.register_module()
class CDMHead(SemanticHead):
    """Cue digging module of LCTR (Chen et al., AAAI 2022).

    What the class token does not attend to, X (1 - A), is convolved and
    pooled, and decides how four expert kernels are mixed; the mixed kernel
    makes the semantic map of X itself. Logits are the mean of the map behind
    a 3 x 3 average with zeros around it, so border patches weigh less.
    Arguments are those of :class:`SemanticHead`.
    """

    def __init__(self, num_classes: int, in_channels: int, **kwargs) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        shape = (NUM_EXPERTS, num_classes, in_channels, 3, 3)
        # the released code's: its fan counts all classes
        bound = (num_classes * in_channels * 9) ** -0.5
        self.experts = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
        self.conv = nn.Conv2d(in_channels, in_channels, 3, padding=1)
        self.bias = nn.Parameter(torch.zeros(num_classes))
        self.route_mean = nn.Linear(in_channels, NUM_EXPERTS)
        self.route_max = nn.Linear(in_channels, NUM_EXPERTS)

    def project(self, tokens: tuple[Tensor, Tensor]) -> Tensor:
        """Semantic map S^0 (B, C, H, W) of patch tokens and class attention.

        They are of shape (B, D, H, W) and (B, H, W).
        """
        patches, attention = tokens
        cues = self.conv(patches * (1 - attention[:, None]))
        route = self.route_mean(cues.mean((-2, -1)))
        route = (route + self.route_max(cues.amax((-2, -1)))).sigmoid()
        maps = F.conv2d(patches, self.experts.flatten(0, 1), padding=1)
        maps = maps.unflatten(1, (NUM_EXPERTS, -1))  # (B, E, C, H, W)
        mixed = torch.einsum('be,bechw->bchw', route, maps)
        return mixed + self.bias[:, None, None]

    def forward(
        self, features: tuple[Tensor, tuple[Tensor, Tensor]]
    ) -> Tensor:
        """Logits (B, C) of the semantic map; features are it and tokens."""
        semantic, _ = features
        return F.avg_pool2d(semantic, 3, 1, 1).mean((-2, -1))

    def all_maps(self, semantic: Tensor) -> Tensor:
        """Positive part of the semantic map (B, C, H, W)."""
        return semantic.relu()
