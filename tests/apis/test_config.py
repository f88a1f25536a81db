"""Config files and ``--cfg-options`` on their way to the Runner."""

from argparse import ArgumentParser

import pytest

from mmscm.apis import load_config
from mmscm.options import OptionAction


@pytest.fixture
def config(tmp_path):
    path = tmp_path / 'scm' / 'tiny.py'
    path.parent.mkdir()
    path.write_text(
        "model = dict(type='TinyModel', head=dict(num_classes=2))\n"
        'train_cfg = dict(max_epochs=1)\n'
        "transforms = [dict(type='Resize', scale=4)]\n"
    )
    return path


def test_work_dir_is_the_argument_then_the_config_then_the_default(config):
    for path in (config, f'file://{config}'):
        assert load_config(path).work_dir == 'work_dirs/scm/tiny'
    config.write_text("work_dir = 'own'\n")
    assert load_config(config).work_dir == 'own'
    assert load_config(config, work_dir='given').work_dir == 'given'


def test_missing_config_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'absent\.py'):
        load_config(tmp_path / 'absent.py')


def test_options_change_values_and_add_arguments(config):
    options = {
        'train_cfg.max_epochs': 7,
        'transforms.0.scale': 8,
        'model.head.dropout': 0.1,
        'sync_bn': 'torch',
    }
    cfg = load_config(config, options=options)
    assert cfg.train_cfg.max_epochs == 7
    assert cfg.transforms[0].scale == 8
    assert cfg.model.head.dropout == 0.1
    assert cfg.sync_bn == 'torch'


@pytest.mark.parametrize(
    ('key', 'reason'),
    [
        ('mmodel.head.num_classes', 'has no `mmodel`. Did you mean `model`'),
        ('model.haed.num_classes', '`model` has no `haed`. Did you mean `hea'),
        ('trian_cfg', 'Did you mean `train_cfg`'),
        ('max_epochs', 'has no `max_epochs`'),
        ('transforms.1.scale', r"has no `1`. Did you mean one of \['0'\]"),
        ('model.type.x', '`model.type` has no `x`'),
        ('resum', 'Did you mean `resume`'),
    ],
)
def test_unknown_options_are_explained(config, key, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        load_config(config, options={key: 1})
    assert f'`{key}`' in str(caught.value)


def parsed(*words):
    parser = ArgumentParser()
    parser.add_argument('--cfg-options', nargs='+', action=OptionAction)
    return parser.parse_args(['--cfg-options', *words]).cfg_options


@pytest.mark.parametrize(
    ('text', 'value'),
    [
        ('5', 5),
        ('[a,b]', ['a', 'b']),
        ('data/my photos', 'data/my photos'),
        ('golf ball, 2', ['golf ball', 2]),
        ("['golf ball', 2]", ['golf ball', 2]),
        ('[(1,2),(3,4)]', [(1, 2), (3, 4)]),
        ("[dict(type='A', size=(1, 2))]", [dict(type='A', size=(1, 2))]),
        ("{'a': [1, None], 'b': dict(c=2)}", dict(a=[1, None], b=dict(c=2))),
    ],
)
def test_values_of_the_command_line_are_numbers_lists_and_dicts(text, value):
    assert parsed(f'a.b={text}', 'c=1') == {'a.b': value, 'c': 1}


@pytest.mark.parametrize(
    'words', [['a', '=', '5'], ['a=', '5'], ['a=[dict(b=1']]
)
def test_options_that_cannot_be_parsed_are_shown_without_traceback(
    words, capsys
):
    with pytest.raises(SystemExit):
        parsed(*words)
    assert 'Expected --cfg-options KEY=VALUE' in capsys.readouterr().err
