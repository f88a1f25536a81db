"""Data samples small enough to check on paper."""

import torch

SIDE = 10


def rectangle(x0: int, y0: int, x1: int, y1: int) -> torch.Tensor:
    """Ones inside (x1 and y1 outside), zeros elsewhere, shape (10, 10)."""
    plane = torch.zeros(SIDE, SIDE)
    plane[y0:y1, x0:x1] = 1
    return plane


def hand_made(
    maps: dict[int, torch.Tensor],
    gt_label: int,
    gt_boxes: list[list[float]],
    ranking: tuple[int, ...] = (0, 1, 2),
) -> dict:
    """A 10 x 10 image; maps by class, already at the size of the image."""
    scores = torch.zeros(len(ranking))
    scores[list(ranking)] = torch.arange(len(ranking), 0, -1).float()
    return {
        'img_path': 'bird.jpg',
        'img_shape': (SIDE, SIDE),
        'gt_label': torch.tensor([gt_label]),
        'gt_bboxes': torch.tensor(gt_boxes),
        'pred_score': scores.softmax(0),
        'map_labels': torch.tensor(list(maps)),
        'localization_maps': torch.stack(list(maps.values())),
    }


def run(metric, samples: list[dict]) -> dict[str, float]:
    metric.process(None, samples)
    return metric.evaluate(len(samples))
