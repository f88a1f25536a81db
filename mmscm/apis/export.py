"""Export a model as one ONNX file that needs nothing of this project."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import Tensor, nn

from mmscm.models import CAMHead, WSOLClassifier

INPUT, OUTPUTS = 'images', ('logits', 'maps')


class Localizer(nn.Module):
    """The plain network, neck dropped, with normalised input.

    Args:
        model (WSOLClassifier): Shares its weights.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, model: WSOLClassifier) -> None:
        super().__init__()
        if not isinstance(model, WSOLClassifier):
            raise ValueError(
                'Expected a model that makes maps, but got '
                f'{type(model).__name__}, which searches for a box.'
            )
        if any(model.test_blocks.values()):
            raise ValueError(
                'Expected a model that drops its neck at test, but got '
                f'`test_blocks` = {model.test_blocks}.'
            )
        if type(model.head).class_maps is not CAMHead.class_maps:
            raise ValueError(
                'Expected a head whose semantic map has a plane a class, but '
                f'got {type(model.head).__name__}.'
            )
        if model.localize_with == 'pc1':
            raise ValueError(
                "Expected `localize_with` other than 'pc1', which has no ONNX "
                'operators.'
            )
        self.model = model
        preprocessor = model.data_preprocessor
        self.takes_rgb = preprocessor.to_rgb
        self.register_buffer('mean', preprocessor.mean.clone())
        self.register_buffer('std', preprocessor.std.clone())

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Classify and localize.

        Args:
            images (Tensor): RGB, 0 to 255, shape (B, 3, H_img, W_img).

        Returns:
            tuple[Tensor, Tensor]: Logits, shape (B, C), and the localization
            map of every class, shape (B, C, H, W), at patch resolution.
        """
        if not self.takes_rgb:
            images = images.flip(1)
        images = (images - self.mean) / self.std
        tokens, semantic, attention = self.model.encode(images)
        logits = self.model.head((semantic, tokens))
        maps = self.model.head.all_maps(semantic)
        return logits, self.model.localize(maps, attention)


def export_onnx(
    model: WSOLClassifier,
    out: str | Path,
    size: tuple[int, int],
    cam_thr: float,
) -> None:
    """Write one file with weights, class names and threshold.

    Args:
        model (WSOLClassifier): What to export.
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
        output_names=list(OUTPUTS),
        dynamic_shapes={INPUT: {0: torch.export.Dim('batch')}},
        dynamo=True,
        verbose=False,
    )
    assert program is not None  # what `dynamo` gives
    proto = program.model_proto
    onnx.helper.set_model_props(proto, _metadata(model, size, cam_thr))
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    onnx.save(proto, str(out))


def _metadata(
    model: WSOLClassifier, size: tuple[int, int], cam_thr: float
) -> dict[str, str]:
    classes = getattr(model, '_dataset_meta', {}).get('classes')
    names = list(classes or range(model.head.num_classes))
    return dict(
        classes=json.dumps([str(name) for name in names]),
        input_size=json.dumps(list(size)),
        cam_thr=str(cam_thr),
    )
