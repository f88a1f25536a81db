"""The head of CAM: convolutions to one map a class, then pooling."""

from __future__ import annotations

from mmpretrain.models.heads import ClsHead
from torch import Tensor, nn

from mmscm.functional.principal_axis import pc1_maps
from mmscm.registry import MODELS

# "He-initialised" in the paper. Released code: PyTorch's default of Conv2d.
HE_INIT = dict(
    type='Kaiming', layer='Conv2d', mode='fan_in', nonlinearity='relu'
)


@MODELS.register_module()
class CAMHead(ClsHead):
    """Class activation maps whose mean is the logit.

    A linear layer behind global average pooling (CAM, CVPR 2016) is the same
    network with both swapped: a 1x1 convolution, then the pooling.

    Args:
        num_classes (int): C, number of classes.
        in_channels (int): D, width of the tokens.
        hidden (tuple[int, ...]): Widths of 3x3 convolutions with ReLU before
            the last one.
        last_kernel (int): Side of the last convolution, odd.
        dropout (float): Rate before every convolution.
        pre_pool (bool): 3x3 average of the tokens first, zeros around them.
        cal_acc (bool): Log training accuracy; off under batch augments.
        init_cfg (dict | list, optional): He initialisation by default; an
            empty list leaves PyTorch's, as the released code of SCM does.
        **kwargs: ``loss`` and ``topk`` of mmpretrain's ClsHead.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        hidden: tuple[int, ...] = (),
        last_kernel: int = 1,
        dropout: float = 0.0,
        pre_pool: bool = False,
        cal_acc: bool = True,
        init_cfg: dict | list | None = None,
        **kwargs,
    ) -> None:
        init_cfg = HE_INIT if init_cfg is None else init_cfg
        super().__init__(cal_acc=cal_acc, init_cfg=init_cfg, **kwargs)
        if not 1 <= max(self.topk) <= num_classes:
            raise ValueError(
                f'Expected `topk` up to `num_classes` = {num_classes}, but '
                f'got {self.topk}.'
            )
        self.num_classes = num_classes
        self.in_channels = in_channels
        self.pool = nn.AvgPool2d(3, 1, 1) if pre_pool else nn.Identity()
        widths = (in_channels, *hidden)
        self.hidden = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, following, 3, padding=1), nn.ReLU())
            for width, following in zip(widths, hidden, strict=False)
        )
        self.dropout = nn.Dropout(dropout)
        self.conv = nn.Conv2d(
            widths[-1], num_classes, last_kernel, padding=last_kernel // 2
        )

    def project(self, tokens: Tensor) -> Tensor:
        """Semantic map S^0 (B, C, H, W) of tokens (B, D, H, W) (Eq. 2)."""
        return self.conv(self.embed(tokens))

    def embed(self, tokens: Tensor) -> Tensor:
        """What the last convolution takes, shape (B, D_hidden, H, W)."""
        single = isinstance(tokens, Tensor)
        if (
            not single
            or tokens.ndim != 4
            or tokens.shape[1] != self.in_channels
        ):
            maps = [tokens] if single else tokens
            shapes = ', '.join(str(tuple(each.shape)) for each in maps)
            raise ValueError(
                f'Expected a backbone whose map has `head.in_channels` = '
                f'{self.in_channels} channels, shape (B, D, H, W), but got '
                f'shape {shapes}.'
            )
        features = self.pool(tokens)
        for layer in self.hidden:
            features = layer(self.dropout(features))
        return self.dropout(features)

    def forward(self, features: tuple[Tensor, Tensor]) -> Tensor:
        """Logits (B, C), the mean of the map; features are it and tokens."""
        semantic, _ = features
        return semantic.mean((-2, -1))

    def class_maps(
        self, tokens: Tensor, semantic: Tensor, labels: list[Tensor]
    ) -> list[Tensor]:
        """Maps (K, H, W) of K classes of each image, at test.

        Args:
            tokens (Tensor): As in :meth:`project`.
            semantic (Tensor): Semantic map S, shape (B, C, H, W).
            labels (list[Tensor]): Classes of each image, shape (K,).
        """
        pairs = zip(self.all_maps(semantic), labels, strict=True)
        return [planes[chosen] for planes, chosen in pairs]

    def all_maps(self, semantic: Tensor) -> Tensor:
        """Maps (B, C, H, W) of all classes at test; here S itself."""
        return semantic

    def pc1_maps(self, tokens: Tensor, labels: list[Tensor]) -> list[Tensor]:
        """Principal axes of the weighted channels of some classes.

        Of a last convolution wider than 1x1 the middle weight counts. Maps
        are in [0, 1], else arguments and result are those of
        :meth:`class_maps`.
        """
        middle = self.conv.kernel_size[0] // 2
        weights = self.conv.weight[..., middle, middle]  # (C, D)
        pairs = zip(self.embed(tokens), labels, strict=True)
        return [
            pc1_maps(features, weights[chosen]) for features, chosen in pairs
        ]


@MODELS.register_module()
class SemanticHead(CAMHead):
    """The head of SCM and TS-CAM (Eq. 2): its convolution is 3x3."""

    def __init__(self, num_classes: int, in_channels: int, **kwargs) -> None:
        super().__init__(num_classes, in_channels, last_kernel=3, **kwargs)


@MODELS.register_module()
class ClassTokenHead(CAMHead):
    """Classifies the class token; the same weights on patches are the maps.

    Makes a localizer of a trained transformer as it is: class scores are its
    own. Its attention is the better map (``localize_with='attention'``).
    Arguments are those of :class:`CAMHead`.
    """

    def project(self, tokens: tuple[Tensor, Tensor]) -> Tensor:
        """Logits (B, C, H, W) of the patch tokens, the first of the tokens."""
        return super().project(tokens[0])

    def forward(
        self, features: tuple[Tensor, tuple[Tensor, Tensor]]
    ) -> Tensor:
        """Logits (B, C) of the class token; features are map and tokens."""
        _, (_, class_token) = features
        return self.conv(class_token[..., None, None]).flatten(1)
