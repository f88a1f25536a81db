"""Metafiles, READMEs, model-index.yml and configs agree."""

from __future__ import annotations

import re

import pytest
from mmengine.analysis import parameter_count
from modelindex.load_model_index import load

import mmscm
from mmscm.apis.config_parts import final_size
from mmscm.apis.zoo.cells import TRAIN_IMAGES, duration, training_command
from mmscm.apis.zoo.metafiles import (
    measure,
    metafiles,
    read_model_config,
    read_models,
    training_facts,
)
from mmscm.apis.zoo.pages import filled, pages
from mmscm.apis.zoo.tables import MEASURED, result_table
from mmscm.engine.package_files import project_root

ROOT = project_root()
MODELS = {model['Name']: model for model in read_models()}
REMEDY = 'Run python tools/model_zoo.py --measure.'


def test_every_config_but_those_of_experiments_has_an_entry():
    names = {n for n in mmscm.list_models() if not n.startswith('evidence_')}
    assert set(MODELS) == names, 'Configs without an entry, or the reverse.'
    assert len(MODELS) == len(read_models())


def test_every_folder_with_a_metafile_is_in_the_index():
    assert {*metafiles()} == {*ROOT.glob('configs/*/metafile.yml')}


@pytest.mark.parametrize('name', MODELS)
def test_an_entry_says_what_its_config_says(name):
    model = MODELS[name]
    path = model['Config'].removeprefix('configs/').removesuffix('.py')
    assert name == path.replace('/', '_')
    cfg = read_model_config(model)
    facts = training_facts(cfg)
    assert model['Metadata'] == model['Metadata'] | facts, REMEDY
    size = final_size(cfg.train_dataloader.dataset.pipeline)
    assert list(size or facts['Input Size']) == facts['Input Size']


@pytest.mark.parametrize('method', ['scm', 'tscam'])
def test_parameters_are_those_of_the_built_model(method):
    for name in (f'{method}_vit-micro_toy', f'{method}_deit-t_cub'):
        count = parameter_count(mmscm.get_model(name))['']
        assert MODELS[name]['Metadata']['Parameters'] == count, REMEDY


def test_scm_adds_two_parameters_a_block_and_costs_nothing_at_test():
    for name in (n for n in MODELS if n.startswith('tscam_')):
        plain = MODELS[name]['Metadata']
        scm = MODELS[name.replace('tscam', 'scm', 1)]['Metadata']
        assert scm['Parameters'] - plain['Parameters'] == 2 * 4
        assert scm['FLOPs'] == plain['FLOPs']


def test_a_larger_set_of_classes_is_a_larger_head_only():
    # 3 x 3 convolution of 384 channels to 800 more classes
    more = 9 * 384 * 800
    cub, imagenet = (
        MODELS[f'scm_deit-s_{data}']['Metadata']
        for data in ('cub', 'imagenet')
    )
    assert imagenet['Parameters'] - cub['Parameters'] == more + 800
    assert imagenet['FLOPs'] - cub['FLOPs'] == 14 * 14 * more


def test_the_host_reads_the_index_and_finds_the_configs(monkeypatch):
    from mmpretrain.apis.model import ModelHub

    monkeypatch.setattr(ModelHub, '_models_dict', {})
    ModelHub.register_model_index(ROOT / 'model-index.yml', ROOT)
    assert set(ModelHub._models_dict) == {name.lower() for name in MODELS}
    found = ModelHub._models_dict['scm_deit-s_cub']
    assert (
        found.metadata.parameters
        == (MODELS['scm_deit-s_cub']['Metadata']['Parameters'])
    )
    assert found.results[0].metrics['GT-Known'] == 96.6
    assert found.config == str(ROOT / 'configs/scm/deit-s_cub.py')


def test_no_weights_are_named_and_collections_are_complete():
    assert not [n for n, model in MODELS.items() if 'Weights' in model]
    index = load(str(ROOT / 'model-index.yml'))
    for collection in index.collections:
        assert (ROOT / collection.readme).is_file()
        assert 'Vision Transformer' in collection.metadata.architecture


@pytest.mark.parametrize('page', pages(), ids=lambda path: path.parent.name)
def test_pages_are_as_the_tool_writes_them(page):
    assert filled(page, pages()[page]) == page.read_text(), (
        'Run python tools/model_zoo.py.'
    )


def test_measured_figures_are_those_of_the_readme():
    text = (ROOT / 'README.md').read_text()
    cells = [set(re.findall(r'\d+\.\d', row)) for row in text.splitlines()]
    for name, model in MODELS.items():
        for result in model.get('Results', ()):
            if result['Source'] == MEASURED:
                figures = {f'{v:.1f}' for v in result['Metrics'].values()}
                assert any(figures <= row for row in cells), (
                    f'README.md has no row with the figures of {name}.'
                )


def test_every_time_is_marked_as_an_estimate():
    text = (ROOT / 'docs/model_zoo.md').read_text()
    for data in TRAIN_IMAGES:
        block = text.split(f'<!-- begin {data} -->')[1].split('<!-- end')[0]
        rows = [row for row in block.splitlines() if row.startswith('| `')]
        assert len(rows) >= 16
        assert {row.count(' *estimate* |') for row in rows} == {2}


def test_a_command_uses_as_many_gpus_as_make_the_batch():
    command = training_command(MODELS['tscam_deit-s_imagenet'])
    assert command == 'tools/dist_train.sh configs/tscam/deit-s_imagenet.py 8'
    command = training_command(MODELS['scm_deit-s_cub_released'])
    assert command.startswith('python tools/train.py configs/scm/')
    assert MODELS['scm_deit-s_cub']['Metadata']['Batch Size'] == 8 * 32


@pytest.mark.parametrize(
    ('hours', 'text'),
    [(17.4, '17 h'), (1, '1 h'), (0.15, '9 min'), (0.0019, '6.8 s')],
)
def test_short_times_are_in_short_units(hours, text):
    assert duration(hours) == text


def test_figures_of_papers_and_measured_ones_stand_apart():
    paper = result_table(MODELS.values(), measured=False)
    ours = result_table(MODELS.values(), measured=True)
    assert '96.6' in paper
    assert '96.6' not in ours
    assert MEASURED in ours
    assert MEASURED not in paper


def test_measuring_writes_the_entry_and_keeps_the_comment(tmp_path):
    path = tmp_path / 'metafile.yml'
    path.write_text(
        '# why\n\nModels:\n'
        '- Name: scm_vit-micro_toy\n'
        '  Config: configs/scm/vit-micro_toy.py\n'
        '  Metadata: {Training Data: ToyObjects, FLOPs: 1}\n'
    )
    measure(path)
    assert path.read_text().startswith('# why\n')
    (entry,) = read_models(path)
    assert entry['Metadata'] == MODELS['scm_vit-micro_toy']['Metadata']


def test_a_page_without_the_block_is_named(tmp_path):
    page = tmp_path / 'page.md'
    page.write_text('<!-- begin a -->\nold\n<!-- end a -->\n')
    assert 'new' in filled(page, {'a': 'new'})
    assert 'old' not in filled(page, {'a': 'new'})
    with pytest.raises(ValueError, match=r'begin b .*page\.md, but got \[\]'):
        filled(page, {'b': 'new'})
    with pytest.raises(FileNotFoundError, match='a wheel has none'):
        filled(tmp_path / 'missing.md', {})
