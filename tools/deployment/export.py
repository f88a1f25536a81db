#!/usr/bin/env python
"""Export to ONNX: python tools/deployment/export.py CONFIG CHECKPOINT.

Input: RGB images, 0 to 255, float32, (batch, 3, height, width). Outputs:
logits (batch, classes) and maps (batch, classes, rows, columns); of a model
that regresses boxes in place of maps boxes (batch, 4), xyxy in pixels of the
input, and logits if it has a classifier. SCM is not part of the file.
examples/onnx_box.py goes from an image to a box with it.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from mmscm import LocalizationInferencer
from mmscm.apis.inferencer import OBJECT
from mmscm.models import BoxLocalizer, CAMHead, WSOLClassifier
from mmscm.options import make_parser

INPUT = 'images'
TOLERANCE = 1e-4


class Localizer(nn.Module):
    """The plain network, neck dropped, with normalised input.

    Args:
        model (WSOLClassifier | BoxLocalizer): Shares its weights.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, model: WSOLClassifier | BoxLocalizer) -> None:
        super().__init__()
        self.regresses = isinstance(model, BoxLocalizer)
        found = 'boxes' if self.regresses else 'maps'
        self.outputs = ('logits', found) if model.with_head else (found,)
        refused = _refused(model)
        if refused:
            raise ValueError(
                'Expected a classifier that drops its neck at test and whose '
                'head makes a map a class, or a model that regresses boxes, '
                f'but got {refused}.'
            )
        self.model = model
        preprocessor = model.data_preprocessor
        self.takes_rgb = preprocessor.to_rgb
        self.register_buffer('mean', preprocessor.mean.clone())
        self.register_buffer('std', preprocessor.std.clone())

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Classify and localize.

        Args:
            images (Tensor): RGB, 0 to 255, shape (B, 3, H_img, W_img).

        Returns:
            tuple[Tensor, ...]: What ``outputs`` names: logits (B, C), the
            localization map of every class (B, C, H, W) at patch resolution,
            or boxes (B, 4).
        """
        if not self.takes_rgb:
            images = images.flip(1)
        images = (images - self.mean) / self.std
        if self.regresses:
            boxes, _ = self.model.localize(images)
            return (*self._logits(images), boxes)
        tokens, semantic, attention = self.model.encode(images)
        logits = self.model.head((semantic, tokens))
        maps = self.model.head.all_maps(semantic)
        return logits, self.model.localize(maps, attention)

    def _logits(self, images: Tensor) -> list[Tensor]:
        """Those of a regressor's classifier, if it has one."""
        if not self.model.with_head:
            return []
        return [self.model.head(self.model.classifier.extract_feat(images))]


def _refused(model: nn.Module) -> str | None:
    """What is in a model that no file can hold, None if nothing is."""
    if isinstance(model, BoxLocalizer):
        return None
    if not isinstance(model, WSOLClassifier):
        return f'{type(model).__name__}, which searches images for boxes'
    if any(model.test_blocks.values()):
        return f'`test_blocks` = {model.test_blocks}, a neck at test'
    if type(model.head).class_maps is not CAMHead.class_maps:
        return f'{type(model.head).__name__} with maps of its own'
    if model.localize_with == 'pc1':
        return "`localize_with` = 'pc1', which has no ONNX operators"
    return None


def export_onnx(
    model: WSOLClassifier | BoxLocalizer,
    out: str | Path,
    size: tuple[int, int],
    cam_thr: float,
) -> None:
    """Write one file with weights, class names and threshold.

    Args:
        model (WSOLClassifier | BoxLocalizer): What to export.
        out (str | Path): File to write.
        size (tuple[int, int]): Height and width of the input, pixels; fixed
            in the file. The batch is free.
        cam_thr (float): Threshold, kept in the file's metadata.
    """
    import onnx  # optional, and slow to import

    localizer = Localizer(model).cpu().eval()
    program = torch.onnx.export(
        localizer,
        (torch.zeros(2, 3, *size),),  # a batch of 1 would be taken as fixed
        input_names=[INPUT],
        output_names=list(localizer.outputs),
        dynamic_shapes={INPUT: {0: torch.export.Dim('batch')}},
        dynamo=True,
        verbose=False,
    )
    names = [OBJECT]
    if model.with_head:
        classes = getattr(model, '_dataset_meta', {}).get('classes')
        names = list(classes or range(model.head.num_classes))
    metadata = dict(
        classes=json.dumps([str(name) for name in names]),
        input_size=json.dumps(list(size)),
        cam_thr=str(cam_thr),
    )
    proto = program.model_proto
    onnx.helper.set_model_props(proto, metadata)
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    onnx.save(proto, str(out))


@torch.no_grad()
def largest_difference(
    model: WSOLClassifier | BoxLocalizer, path: str | Path, batch: int = 3
) -> float:
    """Largest absolute difference of onnxruntime and torch, on noise."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path))
    side = session.get_inputs()[0].shape[2:]
    images = np.random.default_rng(0).uniform(0, 255, (batch, 3, *side))
    images = images.astype(np.float32)
    expected = Localizer(model).cpu().eval()(torch.from_numpy(images))
    given = session.run(None, {INPUT: images})
    return max(
        float(np.abs(ours - theirs.numpy()).max())
        for ours, theirs in zip(given, expected, strict=True)
    )


def main() -> None:
    parser = make_parser(__doc__)
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
    args = parser.parse_args()
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
