"""Image to box: onnx_box.py MODEL.onnx IMAGE.npy (RGB, uint8, (H, W, 3))."""

import json
import sys

import numpy as np
import onnxruntime
from numpy.lib.stride_tricks import sliding_window_view


def resize(planes, size):
    """Bilinear, along the last two axes."""
    for new in size:  # rows, then columns: each turn swaps the two
        old = planes.shape[-2]
        at = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
        hats = np.maximum(0, 1 - np.abs(at[:, None] - np.arange(old)))
        planes = (hats @ planes).swapaxes(-2, -1)
    return planes


def largest_component(mask):
    """Flood every pixel with the largest index of its 8-neighbours."""
    labels, before = np.arange(1, mask.size + 1).reshape(mask.shape) * mask, 0
    while (labels != before).any():
        windows = sliding_window_view(np.pad(labels, 1), (3, 3))
        before, labels = labels, windows.max((-2, -1)) * mask
    return labels == np.bincount(labels[mask]).argmax() if mask.any() else mask


def box_of(plane, cam_thr):
    """Box of the largest part of a map above a part of its maximum."""
    grey = (plane - plane.min()) / (np.ptp(plane) or 1) * 255 // 1
    mask = largest_component(grey > int(cam_thr * grey.max()))
    ys, xs = mask.nonzero() if mask.any() else ([0], [0])
    return np.array([min(xs), min(ys), max(xs) + 1, max(ys) + 1])


def localize(session, image):
    """Class name, probability and box x0, y0, x1, y1 in pixels of image."""
    meta = session.get_modelmeta().custom_metadata_map
    size, names = json.loads(meta['input_size']), json.loads(meta['classes'])
    pixels = np.rint(resize(image.transpose(2, 0, 1), size)).astype('float32')
    outputs = [output.name for output in session.get_outputs()]
    found = session.run(None, {'images': pixels[None]})
    found = dict(zip(outputs, found, strict=True))
    logits = found.get('logits', np.zeros((1, 1)))  # or there are no classes
    scores, label = np.exp(logits[0] - logits.max()), logits.argmax()
    if 'boxes' in found:
        (box,) = found['boxes']
    else:
        plane = resize(found['maps'][0, label], size)
        box = box_of(plane, float(meta['cam_thr']))
    box = box * (image.shape[1::-1] * 2) / (size[::-1] * 2)
    return names[label], float(scores[label] / scores.sum()), box.tolist()


if __name__ == '__main__':
    session = onnxruntime.InferenceSession(sys.argv[1])
    print(*localize(session, np.load(sys.argv[2])))
