"""Base configs named ``mmscm::``, from a folder of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from mmengine.config import Config

from mmscm.apis import load_config
from mmscm.apis.config import read_config_file
from mmscm.apis.model_zoo import read_config
from mmscm.engine.package_files import project_root

ROOT = Path(__file__).parents[2]
NAME = 'mmscm::scm/vit-micro_toy.py'


@pytest.fixture
def own(tmp_path):
    path = tmp_path / 'mine.py'
    path.write_text(
        f"_base_ = '{NAME}'\nmodel = dict(neck=dict(num_blocks=1))"
    )
    return path


def test_a_base_is_the_file_of_this_project_with_the_changes(own):
    got = read_config_file(own)
    expected = Config.fromfile(ROOT / 'configs/scm/vit-micro_toy.py')
    expected.model.neck.num_blocks = 1
    assert got.to_dict() == expected.to_dict()


def test_a_base_among_others_is_found(tmp_path):
    (tmp_path / 'more.py').write_text('more = 1\n')
    path = tmp_path / 'mine.py'
    path.write_text(f"_base_ = ['./more.py', '{NAME}']\n")
    cfg = read_config_file(path)
    assert (cfg.more, cfg.model.type) == (1, 'mmscm.WSOLClassifier')


def test_bases_of_other_packages_are_left_to_the_host(tmp_path):
    path = tmp_path / 'mine.py'
    path.write_text("_base_ = 'unheard::a/b.py'\n")
    with pytest.raises(AssertionError, match='load unheard config'):
        Config.fromfile(path)


def test_the_name_alone_is_a_config_and_names_the_work_dir():
    assert load_config(NAME).work_dir == 'work_dirs/scm/vit-micro_toy'
    assert read_config(NAME).model.neck.type == 'mmscm.SCM'


def test_a_wrong_name_says_where_it_was_looked_for():
    with pytest.raises(FileNotFoundError, match=r'configs/scm/deits_cub\.py'):
        read_config('mmscm::scm/deits_cub.py')


def test_mmengine_is_as_it_was_outside(own):
    with pytest.raises(AssertionError, match='load mmscm config'):
        Config.fromfile(own)


def test_a_checkout_is_its_own_project_root():
    assert project_root() == ROOT


def test_a_package_without_its_files_is_explained(tmp_path, monkeypatch):
    lonely = tmp_path / 'mmscm' / 'engine' / 'package_files.py'
    monkeypatch.setattr('mmscm.engine.package_files.__file__', str(lonely))
    with pytest.raises(FileNotFoundError, match=r'model-index\.yml'):
        project_root()
