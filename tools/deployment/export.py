#!/usr/bin/env python
"""Export to ONNX: python tools/deployment/export.py CONFIG CHECKPOINT.

Input: RGB images, 0 to 255, float32, (batch, 3, height, width). Outputs:
logits (batch, classes) and maps (batch, classes, rows, columns). SCM is not
part of the file. examples/onnx_box.py goes from an image to a box with it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from mmscm import LocalizationInferencer
from mmscm.apis.export import export_onnx, largest_difference

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
