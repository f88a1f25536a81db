#!/usr/bin/env python
"""Export to ONNX: python tools/deployment/export.py CONFIG CHECKPOINT.

Input: RGB images, 0 to 255, float32, (batch, 3, height, width). Outputs:
logits (batch, classes) and maps (batch, classes, rows, columns). SCM is not
part of the file. examples/onnx_box.py goes from an image to a box with it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from mmscm import LocalizationInferencer
from mmscm.apis.export import INPUT, OUTPUTS, Localizer, export_onnx
from mmscm.models import WSOLClassifier

TOLERANCE = 1e-4


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('config', help='config file or its name')
    parser.add_argument('checkpoint', help='checkpoint file or URL')
    parser.add_argument(
        '--out', type=Path, help='default: the checkpoint with .onnx'
    )
    parser.add_argument(
        '--cam-thr',
        type=float,
        help='threshold to keep in the file\n'
        '(default: the one stored in the checkpoint)',
    )
    return parser.parse_args()


@torch.no_grad()
def largest_difference(
    model: WSOLClassifier, path: str | Path, batch: int = 3
) -> float:
    """Largest absolute difference of onnxruntime and torch, on noise.

    Args:
        model (WSOLClassifier): What was exported.
        path (str | Path): The file.
        batch (int): Images.
    """
    import onnxruntime  # optional

    session = onnxruntime.InferenceSession(str(path))
    side = session.get_inputs()[0].shape[2:]
    images = np.random.default_rng(0).uniform(0, 255, (batch, 3, *side))
    images = images.astype(np.float32)
    expected = Localizer(model).cpu().eval()(torch.from_numpy(images))
    given = session.run(list(OUTPUTS), {INPUT: images})
    return max(
        float(np.abs(ours - theirs.numpy()).max())
        for ours, theirs in zip(given, expected, strict=True)
    )


def main() -> None:
    args = parse_args()
    inferencer = LocalizationInferencer(
        args.config, args.checkpoint, 'cpu', cam_thr=args.cam_thr
    )
    out = args.out or Path(args.checkpoint).with_suffix('.onnx')
    size = inferencer.input_size
    export_onnx(inferencer.model, out, size, inferencer.cam_thr)
    error = largest_difference(inferencer.model, out)
    print(f'{out}: {size[0]} x {size[1]} pixels, any batch')
    print(f'onnxruntime and torch differ by at most {error:.1e}')
    if error > TOLERANCE:
        raise SystemExit(f'Expected at most {TOLERANCE}.')


if __name__ == '__main__':
    main()
