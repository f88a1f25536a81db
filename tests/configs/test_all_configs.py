"""Every leaf config builds, fits together and runs one forward pass."""

import ast
import re
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.optim import build_optim_wrapper
from mmpretrain.structures import DataSample

from mmscm.registry import DATASETS, METRICS, MODELS

ROOT = Path(__file__).parents[2] / 'configs'
LEAVES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in ROOT.rglob('*.py')
    if '_base_' not in path.parts
)
BEST = {
    'wsol/gt_known',
    'wsol/gt_known_scm',
    'wsol/px_ap',
    'wsol/top1_cls',
}
SPLITS = ('train', 'val', 'test')
# every backbone, and what is set at test only
RUNNING = [
    'scm/ablations/deit-s_cub_maps-4-4.py',
    'scm/conformer-s_cub_released.py',
    'scm/vit-micro_toy.py',
    'tscam/vit-micro_imagenette.py',
    *(
        leaf
        for leaf in LEAVES
        if leaf.startswith(('scm/', 'cam/')) and '_cub.' in leaf
    ),
    'lctr/vit-micro_toy.py',
    'sat/vit-micro_toy.py',
    'trilite/deit-t_toy.py',
]
# public weights as they are
UNTRAINED = [
    'attention/deit-t_imagenet.py',
    'cam/efficientnet-lite0_imagenet_pc1.py',
    'ddt/efficientnet-lite0_imagenette.py',
    'lost/deit-t_toy.py',
    'tokencut/deit-t_imagenet.py',
]


@pytest.fixture(params=LEAVES)
def cfg(request):
    return Config.fromfile(ROOT / request.param)


@pytest.mark.parametrize('leaf', RUNNING)
def test_model_trains_and_localizes_one_image(leaf):
    cfg = Config.fromfile(ROOT / leaf)
    model = build_model(cfg)
    image = torch.randn(1, 3, *input_size(cfg))
    model.eval()  # drop path would make the loss random
    losses = model.loss(image, [DataSample().set_gt_label(0)])
    assert model.parse_losses(losses)[0].isfinite()
    with torch.no_grad():
        (sample,) = model.predict(image, [DataSample().set_gt_label(0)])
    assert len(sample.pred_score) == cfg.data_preprocessor.num_classes
    assert sample.localization_maps.isfinite().all()


@pytest.mark.parametrize('leaf', UNTRAINED)
@torch.no_grad()
def test_model_without_training_localizes_one_image(leaf):
    cfg = Config.fromfile(ROOT / leaf)
    model = build_model(cfg).eval()
    image = torch.randn(1, 3, *input_size(cfg))
    (sample,) = model.predict(image, [DataSample().set_gt_label(0)])
    assert sample.localization_maps.isfinite().all()
    assert 'optim_wrapper' not in cfg


def test_every_model_is_built(cfg):
    # these read numbers while they are built, which meta does not have
    reads = cfg.model.backbone.type in ('mmscm.AttentionConformer', 'ResNet')
    with torch.device('cpu' if reads else 'meta'):
        model = build_model(cfg)
    assert model.with_neck == ('neck' in cfg.model)
    if model.with_head:
        classes = cfg.data_preprocessor.num_classes
        assert model.head.num_classes == classes


def input_size(cfg):
    """Height and width that the test pipeline gives."""
    for step in cfg.test_dataloader.dataset.pipeline:
        if step.type.endswith('Resize'):
            return step.scale[::-1]
    return 112, 112  # ToyObjects are drawn at the size of the input


def build_model(cfg):
    """The model without its pretrained weights, as nothing is loaded here."""
    model = cfg.model.copy()
    model.backbone.pop('init_cfg', None)
    if 'pretrained' in model.backbone:
        model.backbone.pretrained = False
    model.data_preprocessor = cfg.data_preprocessor
    return MODELS.build(model)


def test_data_metrics_and_schedule_are_known(cfg):
    for split in SPLITS:
        dataset = cfg[f'{split}_dataloader'].dataset
        assert DATASETS.get(dataset.type) is not None
        assert len(Compose(dataset.pipeline).transforms) > 0
    for metric in [*cfg.val_evaluator, *cfg.test_evaluator]:
        assert METRICS.build(metric).prefix == 'wsol'
    if 'optim_wrapper' not in cfg:
        assert cfg.load_from  # public weights, nothing to train
        return
    best = cfg.default_hooks.checkpoint.save_best
    assert ({best} if isinstance(best, str) else {*best}) <= BEST
    wrapper = build_optim_wrapper(torch.nn.Linear(2, 2), cfg.optim_wrapper)
    assert wrapper.optimizer.defaults['lr'] == cfg.optim_wrapper.optimizer.lr


def test_thresholds_are_stored_as_those_of_the_set_they_are_chosen_on(cfg):
    val, test = (cfg[f'{split}_dataloader'].dataset for split in SPLITS[1:])
    chosen_on_test = cfg.default_hooks.store_thresholds.split == 'test'
    assert chosen_on_test == (val == test)


def test_only_two_configs_choose_on_the_test_set():
    texts = {leaf: (ROOT / leaf).read_text() for leaf in LEAVES}
    assert [leaf for leaf in LEAVES if "split='test'" in texts[leaf]] == [
        'scm/deit-s_cub_released.py',
        'scm/deit-s_cub_select-on-test.py',
    ]


@pytest.mark.parametrize('leaf', LEAVES)
def test_a_leaf_inherits_three_deep_at_most(leaf):
    assert depth(ROOT / leaf) <= 3


def depth(path):
    """Longest chain of files that a config inherits from."""
    statements = ast.parse(path.read_text()).body
    assigned = {
        ast.unparse(node.targets[0]): node.value
        for node in statements
        if isinstance(node, ast.Assign)
    }
    bases = ast.literal_eval(assigned.get('_base_', ast.List([])))
    bases = [bases] if isinstance(bases, str) else bases
    return max((1 + depth(path.parent / base) for base in bases), default=0)


@pytest.mark.parametrize('leaf', LEAVES)
def test_a_leaf_is_short_and_says_what_it_is(leaf):
    text = (ROOT / leaf).read_text()
    if leaf != 'scm/deit-s_cub_released.py':  # it lists every setting
        assert len(text.splitlines()) <= 25
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize(
    'folder', sorted(p.parent.name for p in ROOT.glob('*/metafile.yml'))
)
def test_metafile_and_readme_name_existing_configs(folder):
    metafile = (ROOT / folder / 'metafile.yml').read_text()
    for line in metafile.splitlines():
        if 'Config:' in line:
            assert (ROOT.parent / line.split('Config:')[1].strip()).is_file()
    readme = (ROOT / folder / 'README.md').read_text()
    links = re.findall(r'\]\(([\w-]+\.py)\)', readme)
    assert links
    assert all((ROOT / folder / link).is_file() for link in links)


def test_tscam_differs_from_scm_by_the_neck_only():
    pairs = [
        (leaf, ROOT / 'scm' / leaf.name) for leaf in ROOT.glob('tscam/*.py')
    ]
    pairs.append((ROOT / 'evidence/start.py', ROOT / 'evidence/start_scm.py'))
    for pair in pairs:
        plain, scm = map(Config.fromfile, pair)
        assert scm.model.pop('neck').type == 'mmscm.SCM'
        assert plain.to_dict() == scm.to_dict()
