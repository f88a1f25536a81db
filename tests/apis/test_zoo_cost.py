"""Costs of a model: counted by hand, and hours by the formula."""

from __future__ import annotations

from pathlib import Path

import mmpretrain
import pytest
import yaml
from mmengine.config import Config

from mmscm.apis.model_zoo import read_config
from mmscm.apis.zoo.cost import input_size, model_cost, training_hours

# vit-micro at 112 px: 196 patches of 8 px and a class token, 128 wide
N, T, D, LAYERS = 196, 197, 128, 6


def test_multiply_adds_are_those_of_the_matrix_products_and_norms(cost):
    one = T * D * 3 * D + T * D * D + 2 * T * D * 4 * D  # qkv, proj, FFN
    one += 2 * T * T * D  # q k^T and its product with v
    one += T * D  # the class token's row once more, for the map
    embed, head = N * 8 * 8 * 3 * D, N * 9 * D * 10
    products = embed + LAYERS * one + head
    norms = cost.flops - products
    assert 0 < norms < (2 * LAYERS + 1) * T * D * 6
    assert cost.input_size == (112, 112)


def test_parameters_are_those_of_every_layer_and_two_a_block(cost):
    one = 4 * D + D * 3 * D + 3 * D + D * D + D + 2 * 4 * D * D + 5 * D
    embed = 8 * 8 * 3 * D + D + D + T * D  # bias, class token, positions
    head = 9 * D * 10 + 10
    assert cost.parameters == embed + LAYERS * one + 2 * D + head + 2 * 4


def test_counts_are_those_of_the_hosts_own_metafile():
    folder = Path(mmpretrain.__file__).parent / '.mim/configs/deit'
    content = yaml.safe_load((folder / 'metafile.yml').read_text())
    name = 'deit-small_4xb256_in1k'
    (entry,) = [m for m in content['Models'] if m['Name'] == name]
    cost = model_cost(Config.fromfile(folder / f'{name}.py'))
    assert cost.parameters == entry['Metadata']['Parameters']
    # the difference is that of the linear head, 384 x 1000
    assert cost.flops - 384 * 1000 == pytest.approx(entry['Metadata']['FLOPs'])


@pytest.fixture(scope='module')
def cost():
    return model_cost('scm_vit-micro_toy')


def test_images_are_as_large_as_the_test_pipeline_makes_them():
    assert input_size(read_config('scm_deit-s_cub-384px')) == (384, 384)
    wide = Config.fromfile(read_config('scm_deit-s_cub').filename)
    wide.test_dataloader.dataset.pipeline[1].scale = (320, 224)
    assert input_size(wide) == (224, 320)


def test_hours_follow_the_formula():
    # 3 x 2 x 1e9 x 58500 x 10 operations at 8 x 0.3 x 19.5e12 a second
    assert training_hours(10**9, 58500, 10) == pytest.approx(75 / 3600)
    one_gpu = training_hours(10**9, 58500, 10, gpus=1)
    assert one_gpu == pytest.approx(600 / 3600)
    half = training_hours(10**9, 58500, 10, precision='float16')
    assert half == pytest.approx(75 / 3600 / 16)


def test_an_unknown_precision_is_refused():
    with pytest.raises(ValueError, match=r"one of .*, but got 'bf16'"):
        training_hours(1, 1, 1, precision='bf16')
