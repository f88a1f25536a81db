"""The paper's Figure 2: classifier in training, localizer at test."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmpretrain.models.classifiers import ImageClassifier
from mmpretrain.structures import DataSample
from torch import Tensor

from mmscm.functional.maps import min_max_normalize
from mmscm.registry import MODELS

from .backbone_check import check_backbone

ATTENTION_NORMS = ('min_max', 'raw')
PREDICTED = ('logits', 'semantic', 'attention')
LOCALIZERS = ('product', 'semantic', 'attention')
TOP = 5  # Top-5 localization is the most that any protocol asks for


@MODELS.register_module()
class WSOLClassifier(ImageClassifier):
    """A vision transformer that localizes from image labels alone.

    With a neck it is SCM, without one TS-CAM. The neck takes part in
    ``loss`` only; ``predict`` is the plain transformer (Sec. 3.1).

    Args:
        backbone (dict): Images to ``(tokens, attention)``.
        head (dict): Tokens to the semantic map, with its loss.
        neck (dict, optional): Calibrates both maps in training.
        attention_norm (str, optional): 'min_max' scales F^0 to [0, 1] in
            training and at test, 'raw' leaves it. Default is the method's
            own: 'min_max' with a neck (SCM), 'raw' without (TS-CAM).
        test_blocks (dict, optional): How many blocks of the neck stand
            before the 'logits', and before the 'semantic' and the
            'attention' map whose product localizes (S^l and F^m of appendix
            A.2). Default is 0 for each, the neck dropped; a released
            Conformer keeps it for the logits, ``dict(logits=4)``.
        localize_with (str): 'product' of both maps (the method), or, for an
            ablation, the 'semantic' or the 'attention' map alone.
        data_preprocessor (dict, optional): See mmpretrain.
        train_cfg (dict, optional): See mmpretrain.
        init_cfg (dict, optional): See mmengine's BaseModule.
    """

    def __init__(
        self,
        backbone: dict,
        head: dict,
        neck: dict | None = None,
        attention_norm: str | None = None,
        test_blocks: dict | None = None,
        localize_with: str = 'product',
        data_preprocessor: dict | None = None,
        train_cfg: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(
            backbone=backbone,
            neck=neck,
            head=head,
            data_preprocessor=data_preprocessor,
            train_cfg=train_cfg,
            init_cfg=init_cfg,
        )
        check_backbone(self.backbone, self.head)
        if attention_norm is None:
            attention_norm = 'min_max' if self.with_neck else 'raw'
        _expect('attention_norm', attention_norm, ATTENTION_NORMS)
        _expect('localize_with', localize_with, LOCALIZERS)
        self.attention_norm = attention_norm
        self.localize_with = localize_with
        limit = len(self.neck.blocks) if self.with_neck else 0
        self.test_blocks = _complete(test_blocks or {}, limit)

    def loss(
        self, inputs: Tensor, data_samples: list[DataSample]
    ) -> dict[str, Tensor]:
        """Classification loss on the calibrated semantic map.

        Args:
            inputs (Tensor): Images, shape (B, 3, H_img, W_img).
            data_samples (list[DataSample]): With ``gt_label``.

        Returns:
            dict[str, Tensor]: The loss, the accuracy, and lambda and beta of
            every block for the log.
        """
        tokens, semantic, attention = self.encode(inputs)
        if self.with_neck:
            semantic, attention = self.neck(semantic, attention)
        features = self.head.features(semantic, tokens)
        losses = self.head.loss(features, data_samples)
        return losses | (self.neck.learned_scalars() if self.with_neck else {})

    def predict(
        self,
        inputs: Tensor,
        data_samples: list[DataSample] | None = None,
        labels: Sequence[int] = (),
    ) -> list[DataSample]:
        """Classify and localize, by default without the neck.

        Args:
            inputs (Tensor): Images, shape (B, 3, H_img, W_img).
            data_samples (list[DataSample], optional): Filled in; a
                ``gt_label`` adds the map of that class.
            labels (Sequence[int]): Further classes to map in every image.

        Returns:
            list[DataSample]: Each with ``pred_score`` (C,), ``pred_label``
            (1,), ``map_labels`` (K,): the top five classes, the ground
            truth and ``labels``, each once, ``localization_maps`` and
            ``semantic_maps`` (K, H, W) of those classes and
            ``attention_map`` (H, W), all at patch resolution, float32.
        """
        features, semantic, attention = self._test_maps(inputs)
        data_samples = self.head.predict(features, data_samples)
        for sample, planes, plane in zip(
            data_samples, semantic, attention.float(), strict=True
        ):
            mapped = _labels_to_map(sample, labels)
            chosen = planes[mapped].float()
            sample.set_field(mapped, 'map_labels')
            sample.set_field(plane, 'attention_map')
            sample.set_field(chosen, 'semantic_maps')
            combined = self._localize(chosen, plane)
            sample.set_field(combined, 'localization_maps')
        return data_samples

    def extract_maps(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Semantic and attention map of the plain transformer.

        Args:
            inputs (Tensor): Images, shape (B, 3, H_img, W_img).

        Returns:
            tuple[Tensor, Tensor]: S^0, shape (B, C, H, W), and F^0, shape
            (B, H, W), normalised as ``attention_norm`` says.
        """
        return self.encode(inputs)[1:]

    def encode(self, inputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Tokens, semantic and attention map of the plain transformer.

        Args:
            inputs (Tensor): Images, shape (B, 3, H_img, W_img).

        Returns:
            tuple[Tensor, Tensor, Tensor]: The backbone's tokens, and the
            maps of :meth:`extract_maps`.
        """
        tokens, attention = self.backbone(inputs)
        if self.attention_norm == 'min_max':
            # float16 would call a spread below 6e-5 constant
            dtype = torch.promote_types(attention.dtype, torch.float32)
            attention = min_max_normalize(attention.to(dtype))
        return tokens, self.head.project(tokens), attention

    def extract_feat(self, inputs: Tensor, stage: str = 'neck') -> Tensor:
        """What the head makes logits of at test; no stage differs."""
        return self._test_maps(inputs)[0]

    def _localize(self, semantic: Tensor, attention: Tensor) -> Tensor:
        """Maps of some classes (K, H, W) from theirs and F (H, W)."""
        if self.localize_with == 'semantic':
            return semantic
        if self.localize_with == 'attention':
            return attention.expand_as(semantic)
        return semantic * attention

    def _test_maps(self, inputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The head's features, S^l and F^m, as ``test_blocks`` says."""
        tokens, semantic, attention = self.encode(inputs)
        maps = [(semantic, attention)]
        if any(self.test_blocks.values()):
            maps = self.neck.steps(semantic, attention)
        classified, semantic, attention = (
            maps[self.test_blocks[name]] for name in PREDICTED
        )
        features = self.head.features(classified[0], tokens)
        return features, semantic[0], attention[1]


def _labels_to_map(sample: DataSample, more: Sequence[int]) -> Tensor:
    """Top classes, best first, then the ground truth and more, each once."""
    scores = sample.pred_score
    labels = scores.topk(min(TOP, len(scores))).indices.tolist()
    known = sample.gt_label.tolist() if 'gt_label' in sample else []
    distinct = dict.fromkeys([*labels, *known, *more])
    return torch.tensor(list(distinct), device=scores.device)


def _expect(key: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(
            f'Expected `{key}` to be one of {known}, but got {value!r}.'
        )


def _complete(test_blocks: dict[str, int], limit: int) -> dict[str, int]:
    """``test_blocks`` with 0 for what is left out."""
    for name, blocks in test_blocks.items():
        if name not in PREDICTED:
            raise ValueError(
                f'Expected `test_blocks` for {PREDICTED}, but got {name!r}.'
            )
        if not 0 <= blocks <= limit:
            raise ValueError(
                f'Expected `test_blocks` of {name!r} between 0 and the '
                f'{limit} blocks of the neck, but got {blocks}.'
            )
    return dict.fromkeys(PREDICTED, 0) | test_blocks
