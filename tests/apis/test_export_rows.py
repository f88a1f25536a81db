"""ONNX files of the rows beside SCM."""

import pytest
import torch

from mmscm import LocalizationInferencer, get_model
from mmscm.apis.export import Localizer, export_onnx, largest_difference

pytest.importorskip('onnxruntime')
pytest.importorskip('onnxscript')

TINY = dict(embed_dim=24, depth=2, num_heads=3, patch_size=32)


@pytest.mark.slow
@pytest.mark.parametrize(
    ('name', 'changes'),
    [
        ('sat_vit-micro_toy', {}),
        ('lctr_vit-micro_toy', {}),
        (
            'trilite_deit-t_imagenette',
            dict(backbone=TINY, head=dict(in_channels=24)),
        ),
        (
            'attention_deit-t_imagenet',
            dict(
                backbone=dict(TINY, attention_layers=(-1,)),
                head=dict(in_channels=24),
            ),
        ),
    ],
)
def test_onnxruntime_equals_torch(name, changes, tmp_path):
    torch.manual_seed(0)
    inferencer = LocalizationInferencer(get_model(name, **changes))
    path = tmp_path / 'x.onnx'
    size = (112, 112) if 'toy' in name else inferencer.input_size
    export_onnx(inferencer.model, path, size, 0.2)
    assert largest_difference(inferencer.model, path, 2) < 1e-4


def test_a_search_for_a_box_is_not_exported():
    with pytest.raises(ValueError, match='KeyLocalizer'):
        Localizer(get_model('lost_deit-t_imagenette'))
