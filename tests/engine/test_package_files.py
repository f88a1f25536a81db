"""Base configs named ``mmscm::``, from a folder of one's own."""

from pathlib import Path

import pytest
from mmengine.config import Config

from mmscm.apis import load_config
from mmscm.apis.config import read_config_file
from mmscm.apis.model_zoo import read_config
from mmscm.project import project_root

ROOT = Path(__file__).parents[2]
NAME = 'mmscm::scm/vit-micro_toy.py'


@pytest.fixture
def write(tmp_path):
    def write(text):
        (tmp_path / 'mine.py').write_text(text)
        return tmp_path / 'mine.py'

    return write


def test_a_base_is_the_file_of_this_project_with_the_changes(write):
    own = write(f"_base_ = '{NAME}'\nmodel = dict(neck=dict(num_blocks=1))")
    expected = Config.fromfile(ROOT / 'configs/scm/vit-micro_toy.py')
    expected.model.neck.num_blocks = 1
    assert read_config_file(own).to_dict() == expected.to_dict()
    with pytest.raises(AssertionError, match='load mmscm config'):
        Config.fromfile(own)  # mmengine is as it was


def test_a_base_among_others_is_found(write, tmp_path):
    (tmp_path / 'more.py').write_text('more = 1\n')
    cfg = read_config_file(write(f"_base_ = ['./more.py', '{NAME}']\n"))
    assert (cfg.more, cfg.model.type) == (1, 'mmscm.WSOLClassifier')


def test_bases_of_other_packages_are_left_to_the_host(write):
    with pytest.raises(AssertionError, match='load unheard config'):
        read_config_file(write("_base_ = 'unheard::a/b.py'\n"))


@pytest.mark.parametrize('name', [NAME, 'scm/vit-micro_toy'])
def test_the_name_alone_is_a_config_and_names_the_work_dir(name):
    assert load_config(name).work_dir == 'work_dirs/scm/vit-micro_toy'
    assert read_config(NAME).model.neck.type == 'mmscm.SCM'
    with pytest.raises(FileNotFoundError, match=r'configs/scm/deits_cub\.py'):
        read_config('mmscm::scm/deits_cub.py')


def test_a_package_without_its_files_is_explained(tmp_path, monkeypatch):
    assert project_root() == ROOT
    lonely = tmp_path / 'mmscm' / 'project.py'
    monkeypatch.setattr('mmscm.project.__file__', str(lonely))
    with pytest.raises(FileNotFoundError, match=r'model-index\.yml'):
        project_root()
