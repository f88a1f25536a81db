"""Backbones that give no map are refused before they run."""

from __future__ import annotations

import pytest
from mmpretrain.models.backbones import ResNet, VisionTransformer
from torch import nn

from mmscm.models.classifiers.backbone_check import check_backbone


class Tokens(nn.Module):
    """A backbone of a user, by its width."""

    embed_dims = 6


def head(width):
    head = nn.Module()
    head.conv = nn.Conv2d(width, 2, 1)
    return head


def blank(kind):
    """An instance that was never built; its class is what counts."""
    return kind.__new__(kind)


def test_a_host_transformer_is_refused_with_the_name_of_its_twin():
    with pytest.raises(ValueError, match=r'VisionTransformer.*AttentionViT'):
        check_backbone(blank(VisionTransformer), head(6))


def test_a_host_backbone_without_class_token_is_refused():
    with pytest.raises(ValueError, match=r'ResNet.*It has neither'):
        check_backbone(blank(ResNet), head(6))


def test_tokens_of_another_width_than_the_head_are_refused():
    with pytest.raises(ValueError, match=r'`head.in_channels` 6.*got 8'):
        check_backbone(Tokens(), head(8))


def test_a_backbone_that_tells_no_width_is_taken():
    check_backbone(Tokens(), head(6))
    check_backbone(nn.Identity(), head(8))
