"""The images of tests/data/evaluation.npz as data samples."""

import json
from pathlib import Path

import numpy as np
import torch

DATA = Path(__file__).parents[1] / 'data'
EXPECTED = json.loads((DATA / 'evaluation.json').read_text())


def parity_samples() -> list[dict]:
    """80 images, 10 classes, 1 to 3 boxes."""
    arrays = dict(np.load(DATA / 'evaluation.npz'))
    return [sample_of(arrays, i) for i in range(len(arrays['labels']))]


def sample_of(arrays, i: int) -> dict:
    """Maps of the distinct top-5 classes and the ground truth only."""
    logits = torch.from_numpy(arrays['logits'][i])
    label = int(arrays['labels'][i])
    labels = sorted({label, *logits.topk(5).indices.tolist()})
    boxes = arrays['gt_boxes'][i]
    return {
        'img_path': f'{i}.jpg',
        'img_shape': (224, 224),
        'gt_label': torch.tensor([label]),
        'gt_bboxes': torch.tensor(boxes[boxes[:, 0] >= 0]).float(),
        'gt_mask': torch.from_numpy(arrays['masks'][i]),
        'pred_score': logits.softmax(0),
        'pred_label': logits.argmax(),
        'map_labels': torch.tensor(labels),
        'localization_maps': torch.from_numpy(arrays['maps'][i, labels]),
    }
