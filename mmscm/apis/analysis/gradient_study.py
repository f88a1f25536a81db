"""What the loss tells the backbone through S^0 and through F^0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from mmscm.apis.experiments.tables import markdown
from mmscm.models import WSOLClassifier


@dataclass
class GradientStudy:
    """Gradients of the loss over batches.

    Attributes:
        semantic (list[float]): Norm of the backbone's gradient through the
            semantic map S^0, one a batch.
        attention (list[float]): Norm of that through the attention map F^0;
            empty without a neck.
        cosine (list[float]): Cosine of the angle between the two.
        scalars (dict[str, list[float]]): Derivatives for lambda and beta.
    """

    semantic: list[float] = field(default_factory=list)
    attention: list[float] = field(default_factory=list)
    cosine: list[float] = field(default_factory=list)
    scalars: dict[str, list[float]] = field(default_factory=dict)

    def table(self) -> str:
        """Means and standard errors over the batches."""
        rows = [['gradient through S0, norm', *_mean(self.semantic)]]
        if self.attention:
            share = np.divide(self.attention, self.semantic)
            rows += [
                ['gradient through F0, norm', *_mean(self.attention)],
                ['F0 / S0', *_mean(share.tolist())],
                ['cosine of F0 and S0', *_mean(self.cosine)],
            ]
        rows += [
            [f'd loss / d {name}', *_mean(values)]
            for name, values in self.scalars.items()
        ]
        return markdown(['value', 'mean', 'standard error'], rows)


def gradient_study(
    model: WSOLClassifier, batches: Iterable[dict]
) -> GradientStudy:
    """Take the loss apart, without training.

    Args:
        model (WSOLClassifier): With or without a neck.
        batches (Iterable[dict]): Of a training data loader.

    Returns:
        GradientStudy: One value a batch of everything.
    """
    study = GradientStudy()
    for batch in batches:
        _add_batch(study, model, batch)
    return study


def _add_batch(
    study: GradientStudy, model: WSOLClassifier, batch: dict
) -> None:
    data = model.data_preprocessor(batch, False)
    tokens, *maps = model.encode(data['inputs'])
    calibrated = model.neck(*maps)[0] if model.with_neck else maps[0]
    # the loss sees the maps only, as if they were data
    losses = model.head.loss((calibrated, tokens), data['data_samples'])
    loss = losses['loss']
    scalars = _scalars(model)
    wanted = [*maps, *scalars.values()]
    grads = torch.autograd.grad(
        loss, wanted, retain_graph=True, allow_unused=True
    )
    for name, grad in zip(scalars, grads[2:], strict=True):
        study.scalars.setdefault(name, []).append(grad.item())
    parts = [
        _into_backbone(model, plane, grad)
        for plane, grad in zip(maps, grads, strict=False)
        if grad is not None
    ]
    study.semantic.append(parts[0].norm().item())
    if len(parts) == 2:
        study.attention.append(parts[1].norm().item())
        cosine = torch.cosine_similarity(parts[0], parts[1], dim=0)
        study.cosine.append(cosine.item())


def _into_backbone(
    model: WSOLClassifier, plane: Tensor, grad: Tensor
) -> Tensor:
    """The backbone's gradient through one map, as one vector."""
    weights = [w for w in model.backbone.parameters() if w.requires_grad]
    parts = torch.autograd.grad(
        plane,
        weights,
        grad,
        retain_graph=True,
        allow_unused=True,
        materialize_grads=True,
    )
    return torch.cat([part.flatten() for part in parts])


def _scalars(model: WSOLClassifier) -> dict[str, Tensor]:
    """lambda and beta of every block that are learned."""
    if not model.with_neck:
        return {}
    return {
        f'{name.rstrip("_")}_{index}': value
        for index, block in enumerate(model.neck.blocks)
        for name, value in block.named_parameters()
        if value.requires_grad
    }


def _mean(values: list[float]) -> list[str]:
    error = np.std(values, ddof=1) / np.sqrt(len(values)) if values[1:] else 0
    return [f'{np.mean(values):.3g}', f'{error:.2g}']
