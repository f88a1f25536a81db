"""How far p Newton-Schulz steps are from their first order, L itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from mmscm.apis.analysis.map_study import mass_of, spread_of
from mmscm.apis.experiments.tables import markdown
from mmscm.functional.diffusion import diffuse
from mmscm.functional.grid import semantic_laplacian
from mmscm.models import WSOLClassifier

ITERATIONS = (1, 2, 4, 6, 8, 12, 16)
LIMIT = 30


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

    Raises:
        ValueError: The model has no diffusion block.
    """
    if not model.with_neck or not len(model.neck.blocks):
        raise ValueError(
            'Expected a model with a neck to study its diffusion, but got '
            'one without (TS-CAM).'
        )
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
            update = block.filter(found, attention)
            cells = [_cosine(found, to) for to in (first, attention, last)]
            cells += [spread_of(mass_of(plane)) for plane in (found, update)]
            rows[p].append(torch.stack(cells, -1))
    return {p: torch.cat(parts).numpy() for p, parts in rows.items()}


def diffusion_table(study: dict[int, np.ndarray]) -> str:
    """Means over the images; cosines, then percent."""
    header = ['p', 'with L F', 'with F', 'with 30 steps']
    header += ['spread of F^', 'spread of u']
    rows = [[str(p), *_cells(values.mean(0))] for p, values in study.items()]
    return markdown(header, rows)


def _cells(means: Sequence[float]) -> list[str]:
    cosines = [f'{value:.2f}' for value in means[:3]]
    return cosines + [f'{100 * value:.1f}' for value in means[3:]]


def _cosine(first: Tensor, second: Tensor) -> Tensor:
    return torch.cosine_similarity(first.flatten(1), second.flatten(1))
