"""The paper's Figure 2: classifier in training, localizer at test."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import torch
from mmengine.runner.checkpoint import CheckpointLoader, load_state_dict
from mmpretrain.models.classifiers import ImageClassifier
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmscm.functional.maps import at_least_float32, min_max_normalize
from mmscm.models.regularizers import Step
from mmscm.registry import MODELS
from mmscm.weights import backbone_weights, below, weights_of

from .contract import (
    TEST_BLOCKS,
    check_normalization,
    check_options,
    check_parts,
)

TOP = 5  # Top-5 localization is the most that any protocol asks for


@MODELS.register_module()
class WSOLClassifier(ImageClassifier):
    """A classifier that localizes from image labels alone.

    A transformer with the attention of its class token is TS-CAM, with a
    neck SCM; any backbone with a feature map is CAM. Neck and regularizers
    take part in ``loss`` only; ``predict`` is the plain network (Sec. 3.1).

    Args:
        backbone (dict): Images to ``(tokens, attention)`` if its class says
            ``returns_attention = True``, else to a tuple of feature maps.
        head (dict): Tokens to the semantic map, with its loss.
        neck (dict, optional): Calibrates both maps in training.
        regularizers (Sequence[dict]): Further terms of the training loss.
        attention_norm (str, optional): 'min_max' scales F^0 to [0, 1] in
            training and at test, 'raw' leaves it. Default is the method's
            own: 'min_max' with a neck (SCM), 'raw' without (TS-CAM).
        test_blocks (dict, optional): How many blocks of the neck stand
            before the 'logits', and before the 'semantic' and the
            'attention' map whose product localizes (S^l and F^m of appendix
            A.2). Default is 0 for each, the neck dropped; a released
            Conformer keeps it for the logits, ``dict(logits=4)``.
        localize_with (str, optional): 'product' of both maps, the 'semantic'
            or the 'attention' map alone, or 'pc1', the principal axis of the
            weighted channels in place of their sum (CAM Back Again). Default
            is 'product', and 'semantic' where the backbone returns no
            attention.
        **kwargs: ``data_preprocessor``, ``train_cfg`` and ``init_cfg`` of
            mmpretrain's ImageClassifier.
    """

    def __init__(
        self,
        backbone: dict,
        head: dict,
        neck: dict | None = None,
        regularizers: Sequence[dict] = (),
        attention_norm: str | None = None,
        test_blocks: dict | None = None,
        localize_with: str | None = None,
        **kwargs,
    ) -> None:
        super().__init__(backbone=backbone, neck=neck, head=head, **kwargs)
        returns = getattr(self.backbone, 'returns_attention', False)
        self.returns_attention = returns
        own_norm = 'min_max' if self.with_neck else 'raw'
        own_map = 'product' if self.returns_attention else 'semantic'
        self.attention_norm = attention_norm or own_norm
        self.localize_with = localize_with or own_map
        self.test_blocks = TEST_BLOCKS | (test_blocks or {})
        self.regularizers = nn.ModuleList(map(MODELS.build, regularizers))
        check_options(self)
        check_parts(self)
        check_normalization(kwargs.get('data_preprocessor'))
        for part in (self.head, *self.regularizers):
            if hasattr(part, 'bind'):
                part.bind(self)

    def loss(
        self, inputs: Tensor, data_samples: list[DataSample]
    ) -> dict[str, Tensor]:
        """Classification loss on the calibrated semantic map.

        Of images (B, 3, H_img, W_img) and samples with ``gt_label``, or with
        ``gt_score`` after a batch augment. The losses, the accuracy, and
        lambda and beta of every block for the log.
        """
        tokens, semantic, attention = self.encode(inputs)
        calibrated, scalars = semantic, {}
        if self.with_neck:
            calibrated, _ = self.neck(semantic, attention)
            scalars = self.neck.learned_scalars()
        features = calibrated, tokens
        losses = self.head.loss(features, data_samples) | scalars
        if self.regularizers:
            labels, logits = _labels(data_samples), self.head(features)
            step = Step(inputs, labels, tokens, semantic, attention, logits)
            for regularizer in self.regularizers:
                _add(regularizer(step), losses)
        return losses

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
            ``semantic_maps`` (K, H, W) of those classes and, if the backbone
            returns it, ``attention_map`` (H, W), all at patch resolution,
            float32.
        """
        features, semantic, attention = self._test_maps(inputs)
        data_samples = self.head.predict(features, data_samples)
        mapped = _labels_to_map(data_samples, labels)
        if self.localize_with == 'pc1':
            chosen = self.head.pc1_maps(features[1], mapped)
        else:
            chosen = self.head.class_maps(features[1], semantic, mapped)
        for index, sample in enumerate(data_samples):
            planes, plane = chosen[index].float(), None
            if attention is not None:
                plane = attention[index].float()
                sample.set_field(plane, 'attention_map')
            sample.set_field(mapped[index], 'map_labels')
            sample.set_field(planes, 'semantic_maps')
            localization = self.localize(planes, plane)
            sample.set_field(localization, 'localization_maps')
        return data_samples

    def localize(self, semantic: Tensor, attention: Tensor | None) -> Tensor:
        """Localization maps (..., K, H, W), as ``localize_with`` says.

        Of semantic maps of K classes (..., K, H, W), attention (..., H, W).
        """
        if self.localize_with in ('semantic', 'pc1'):
            return semantic
        attention = attention.unsqueeze(-3)
        if self.localize_with == 'attention':
            return attention.expand_as(semantic)
        return semantic * attention

    def encode(self, inputs: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Tokens, semantic and attention map of the plain network.

        Of images (B, 3, H_img, W_img): the backbone's tokens, for most
        (B, D, H, W), S^0, shape (B, C, H, W), and F^0, shape (B, H, W),
        normalised as ``attention_norm`` says; None if the backbone returns no
        attention.
        """
        tokens, attention = self.backbone(inputs), None
        if self.returns_attention:
            tokens, attention = tokens
            if self.attention_norm == 'min_max':
                # float16 would call a spread below 6e-5 constant
                attention = min_max_normalize(at_least_float32(attention))
        elif len(tokens) == 1:  # of the host's backbones, one map a stage
            (tokens,) = tokens
        return tokens, self.head.project(tokens), attention

    def extract_maps(self, inputs: Tensor) -> tuple[Tensor, Tensor | None]:
        """Both maps of :meth:`encode`, without the tokens."""
        return self.encode(inputs)[1:]

    def extract_feat(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """What the head makes logits of at test: semantic map and tokens."""
        return self._test_maps(inputs)[0]

    def init_weights(self) -> None:
        """Initialize; a file of an ``init_cfg`` has to fill the backbone."""
        parts = () if self.is_init else (self.backbone, self)
        read = [(part, self._starting_weights(part)) for part in parts]
        super().init_weights()
        for part, weights in read:
            load_state_dict(part, weights, strict=False, logger='silent')

    def _starting_weights(self, part: nn.Module) -> dict[str, Tensor]:
        """Weights of the file that a part names, by the names of the part."""
        given = part.init_cfg
        cfgs = [given] if isinstance(given, dict) else given or []
        cfg = next((cfg for cfg in cfgs if 'checkpoint' in cfg), None)
        if cfg is None:
            return {}
        source, prefix = cfg['checkpoint'], cfg.get('prefix')
        checkpoint = CheckpointLoader.load_checkpoint(
            source, map_location='cpu', logger='silent'
        )
        if prefix and not any(
            name.startswith(prefix)
            for name in checkpoint.get('state_dict', checkpoint)
        ):
            # another layout than mmengine's, which would stop here
            cfg['prefix'] = None
        weights = weights_of(checkpoint)
        weights = below(prefix, weights) or weights
        found = backbone_weights(self.backbone, weights, source)
        if part is self.backbone:
            return found
        return weights | {f'backbone.{name}': found[name] for name in found}

    def _test_maps(
        self, inputs: Tensor
    ) -> tuple[tuple[Tensor, Tensor], Tensor, Tensor | None]:
        """The head's features, S^l and F^m, as ``test_blocks`` says."""
        tokens, semantic, attention = self.encode(inputs)
        if self.test_blocks == TEST_BLOCKS:
            return (semantic, tokens), semantic, attention
        steps = self.neck.steps(semantic, attention)
        semantics, attentions = zip(*steps, strict=True)
        return (
            (semantics[self.test_blocks['logits']], tokens),
            semantics[self.test_blocks['semantic']],
            attentions[self.test_blocks['attention']],
        )


def _add(terms: dict[str, Tensor], losses: dict[str, Tensor]) -> None:
    if twice := sorted(terms.keys() & losses.keys()):
        raise ValueError(
            f'Expected losses with names of their own, but got {twice} twice.'
        )
    losses.update(terms)


def _labels(samples: list[DataSample]) -> Tensor | None:
    if 'gt_label' not in samples[0]:
        return None
    return torch.cat([sample.gt_label for sample in samples])


def _labels_to_map(
    samples: list[DataSample], more: Sequence[int]
) -> list[Tensor]:
    """Of each image the top classes, the ground truth and more, each once."""
    scores = torch.stack([sample.pred_score for sample in samples])
    top = scores.topk(min(TOP, scores.shape[1])).indices
    rows = [
        torch.cat([best, sample.get('gt_label', best[:0]).to(best)])
        for best, sample in zip(top, samples, strict=True)
    ]
    # a GPU is waited for once a batch
    copied = torch.cat(rows).cpu().split([len(row) for row in rows])
    labels = [[*dict.fromkeys([*row.tolist(), *more])] for row in copied]
    flat = torch.tensor(list(chain(*labels)), device=scores.device)
    return list(flat.split([len(row) for row in labels]))
