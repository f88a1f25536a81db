"""The base install brings no host family; the error says how to get one."""

import importlib.metadata
import importlib.util

import pytest

import mmscm

FAMILIES = {
    'openmmlab': {'mmcv-lite', 'mmengine', 'mmpretrain'},
    'onedl': {'onedl-mmcv', 'onedl-mmengine', 'onedl-mmpretrain'},
}


def test_a_missing_host_package_is_explained(monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        'find_spec',
        lambda name, *args: None if name == 'mmcv' else real(name, *args),
    )
    with pytest.raises(ModuleNotFoundError, match=r'mmscm\[openmmlab\]'):
        importlib.reload(mmscm)


def test_each_family_is_an_extra_and_neither_is_forced():
    lines = importlib.metadata.requires('mmscm')
    names = {'': set(), **{family: set() for family in FAMILIES}}
    for line in lines:
        requirement, _, marker = line.partition(';')
        extra = marker.partition('==')[2].strip().strip('"')
        if extra in names:
            names[extra].add(requirement.partition('>')[0].partition('<')[0])
    for family, packages in FAMILIES.items():
        assert names[family] == packages
    assert not names[''] & set.union(*FAMILIES.values())
    assert {'torch', 'timm'} <= names['']
