"""Image to box with numpy and onnxruntime: onnx_box.py MODEL.onnx IMAGE.npy

IMAGE.npy is an RGB array (H, W, 3), uint8: np.save of any decoded image.
"""

import json
import sys

import numpy as np
import onnxruntime


def resize(image, size):
    """Bilinear, along the last two axes."""
    for axis, new in zip((-2, -1), size):  # noqa: B905 (Python 3.9 runs it)
        old = image.shape[axis]
        at = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
        low = at.astype(int)
        high = np.minimum(low + 1, old - 1)
        weight = (at - low)[:, None] if axis == -2 else at - low
        below, above = image.take(low, axis), image.take(high, axis)
        image = below * (1 - weight) + above * weight
    return image


def largest_component(mask):
    """Flood every pixel with the largest index of its 8-neighbours."""
    labels, before = np.arange(1, mask.size + 1).reshape(mask.shape) * mask, 0
    while (labels != before).any():
        before, padded = labels, np.pad(labels, 1)
        views = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
        labels = views.max((-2, -1)) * mask
    return labels == np.bincount(labels[mask]).argmax() if mask.any() else mask


def localize(session, image):
    """Class name, probability and box x0, y0, x1, y1 in pixels of image."""
    meta = session.get_modelmeta().custom_metadata_map
    size, (height, width) = json.loads(meta['input_size']), image.shape[:2]
    pixels = np.rint(resize(image.transpose(2, 0, 1).astype(float), size))
    batch = {'images': pixels[None].astype(np.float32)}
    logits, maps = (output[0] for output in session.run(None, batch))
    label, scores = logits.argmax(), np.exp(logits - logits.max())
    score_map = resize(maps[label], size)
    score_map = (score_map - score_map.min()) / (np.ptp(score_map) or 1)
    grey = (score_map * 255).astype(np.uint8)
    cut = int(float(meta['cam_thr']) * grey.max())
    ys, xs = np.nonzero(largest_component(grey > cut))
    if not len(xs):  # a constant map
        return json.loads(meta['classes'])[label], 0.0, [0, 0, 0, 0]
    box = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1])
    box = box * np.array([width, height] * 2) / (size[::-1] * 2)
    name = json.loads(meta['classes'])[label]
    return name, float(scores[label] / scores.sum()), box.round(2).tolist()


if __name__ == '__main__':
    session = onnxruntime.InferenceSession(sys.argv[1])
    print(*localize(session, np.load(sys.argv[2])))
