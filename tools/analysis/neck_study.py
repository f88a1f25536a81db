"""Measure how far the neck diffuses and what its loss tells the backbone."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from map_study import markdown, mass_of, spread_of
from torch import Tensor

from mmscm.functional.diffusion import diffuse
from mmscm.functional.filtering import filter_diffused
from mmscm.functional.laplacian import semantic_laplacian
from mmscm.models import WSOLClassifier

ITERATIONS = (1, 2, 4, 6, 8, 12, 16)
LIMIT = 30
HEADER = ('p', 'with L F', 'with F', 'with 30 steps', 'spread of F^')


@torch.no_grad()
def diffusion_study(
    model: WSOLClassifier, batches: Iterable[dict]
) -> dict[int, np.ndarray]:
    """Diffuse F^0 of a model with p steps and compare.

    While 2^p alpha |L|^2 is small, X_p is 2^p alpha L: then F^ points along
    L F, which at lambda = 1 is the attention of a patch's neighbours, each
    weighted by how unlike the patch it is. With more steps X_p goes to the
    inverse of L, the diffusion of Sec. 3.2.

    Args:
        model (WSOLClassifier): With a neck; its first block is taken.
        batches (Iterable[dict]): Of a data loader.

    Returns:
        dict[int, np.ndarray]: By p, for each of N images: cosine of F^ with
        L F, with F, and with F^ of 30 steps, and spread of F^ and of the
        update u as in ``MapScores``, over patches; shape (N, 5).
    """
    block = model.neck.blocks[0]
    rows: dict[int, list[Tensor]] = {p: [] for p in ITERATIONS}
    for batch in batches:
        data = model.data_preprocessor(batch, False)
        # many steps need the precision
        maps = model.extract_maps(data['inputs'])
        semantic, attention = (plane.double() for plane in maps)
        laplacian = semantic_laplacian(semantic, block.lambda_.double())
        first, last = (
            diffuse(attention, laplacian, p, block.init_scale)
            for p in (0, LIMIT)
        )
        for p in ITERATIONS:
            found = diffuse(attention, laplacian, p, block.init_scale)
            update = filter_diffused(found, attention, block.beta.double())
            cells = [_cosine(found, to) for to in (first, attention, last)]
            cells += [spread_of(mass_of(plane)) for plane in (found, update)]
            rows[p].append(torch.stack(cells, -1))
    return {p: torch.cat(parts).numpy() for p, parts in rows.items()}


def diffusion_table(study: dict[int, np.ndarray]) -> str:
    """Means over the images; cosines, then percent."""
    rows = []
    for p, values in study.items():
        *cosines, diffused, update = values.mean(0)
        cells = [f'{cosine:.2f}' for cosine in cosines]
        cells += [f'{100 * spread:.1f}' for spread in (diffused, update)]
        rows.append([str(p), *cells])
    return markdown((*HEADER, 'spread of u'), rows)


def gradient_study(
    model: WSOLClassifier, batches: Iterable[dict]
) -> dict[str, list[float]]:
    """Take the gradient of the loss apart, without training.

    Args:
        model (WSOLClassifier): With attention, with or without a neck.
        batches (Iterable[dict]): Of a training data loader.

    Returns:
        dict[str, list[float]]: One value a batch: the norm of the backbone's
        gradient through S^0, and with a neck that through F^0, their ratio
        and cosine, and the derivatives for lambda and beta of every block.
    """
    if not getattr(model, 'returns_attention', False):
        raise ValueError(
            'Expected a model with attention, as the gradient through it is '
            f'measured, but got {type(model.backbone).__name__}.'
        )
    study: dict[str, list[float]] = {}
    for batch in batches:
        for name, value in _one_batch(model, batch).items():
            study.setdefault(name, []).append(value)
    return study


def gradient_table(study: dict[str, list[float]]) -> str:
    """Means and standard errors over the batches."""
    rows = []
    for name, values in study.items():
        spread = np.std(values, ddof=1) if len(values) > 1 else 0
        error = spread / np.sqrt(len(values))
        rows.append([name, f'{np.mean(values):.3g}', f'{error:.2g}'])
    return markdown(['value', 'mean', 'standard error'], rows)


def _one_batch(model: WSOLClassifier, batch: dict) -> dict[str, float]:
    data = model.data_preprocessor(batch, False)
    tokens, *maps = model.encode(data['inputs'])
    calibrated = model.neck(*maps)[0] if model.with_neck else maps[0]
    # the loss sees the maps only, as if they were data
    losses = model.head.loss((calibrated, tokens), data['data_samples'])
    loss = losses['loss']
    scalars = _scalars(model)
    wanted = [*maps, *scalars.values()]
    by_semantic, by_attention, *by_scalar = torch.autograd.grad(
        loss, wanted, retain_graph=True, allow_unused=True
    )
    semantic = _into_backbone(model, maps[0], by_semantic)
    values = {'gradient through S0, norm': semantic.norm().item()}
    if by_attention is not None:
        attention = _into_backbone(model, maps[1], by_attention)
        norm = attention.norm().item()
        cosine = torch.cosine_similarity(semantic, attention, dim=0)
        values |= {
            'gradient through F0, norm': norm,
            'F0 / S0': norm / values['gradient through S0, norm'],
            'cosine of F0 and S0': cosine.item(),
        }
    return values | {
        f'd loss / d {name}': grad.item()
        for name, grad in zip(scalars, by_scalar, strict=True)
    }


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


def _cosine(first: Tensor, second: Tensor) -> Tensor:
    return torch.cosine_similarity(first.flatten(1), second.flatten(1))
