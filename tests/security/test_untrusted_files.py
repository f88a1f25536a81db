"""Maps, names and configs of other people do no harm."""

import numpy as np
import pytest
from eval_maps import find_maps, load_map
from traps import Trap, inflating_archive

from mmscm.apis import load_config
from mmscm.apis.model_zoo import read_config
from mmscm.apis.photos import Photo, find_photos


def test_a_map_that_inflates_is_refused_unread(tmp_path):
    path = inflating_archive(tmp_path / 'a.npz', 'a.npy', megabytes=20)
    with pytest.raises(ValueError, match=r'a\.npz'):
        load_map(path)


@pytest.mark.parametrize('suffix', ['npy', 'npz'])
def test_code_in_a_map_is_not_run(tmp_path, suffix):
    harm, path = tmp_path / 'harm', tmp_path / f'a.{suffix}'
    save = {'npy': np.save, 'npz': np.savez}[suffix]
    save(path, np.array([[Trap(harm)]]))  # as a pickle
    with pytest.raises(ValueError, match='numbers'):
        load_map(path)
    assert not harm.exists()


def test_maps_outside_their_folder_are_not_found(tmp_path):
    (tmp_path / 'maps').mkdir()
    np.save(tmp_path / 'secret.npy', np.eye(2))
    for name in ('../secret.png', str(tmp_path / 'secret.png')):
        with pytest.raises(FileNotFoundError, match='1 are missing'):
            find_maps(tmp_path / 'maps', [name])


@pytest.mark.parametrize(
    ('address', 'name'),
    [
        ('http://host/a/b.png', 'b.png'),
        ('http://host/..\\..\\b.png', '_.._b.png'),
        ('http://host/..', '0'),
        ('http://host/b.png?x=/../../c', 'b.png'),
    ],
)
def test_names_of_addresses_are_file_names(address, name):
    assert find_photos(address) == [Photo(name, address)]


@pytest.mark.parametrize('read', [load_config, read_config])
class TestConfigs:
    @pytest.mark.parametrize(
        'address', ['http://host/a.py', 'https://host/a.yaml', 'ftp://a/b']
    )
    def test_addresses_are_refused(self, read, address):
        with pytest.raises(ValueError, match=r'on this machine, .* but got'):
            read(address)

    def test_yaml_is_refused_because_its_tags_run(self, read, tmp_path):
        path, harm = tmp_path / 'a.yaml', tmp_path / 'harm'
        path.write_text(f'a: !!python/object/apply:os.mkdir ["{harm}"]\n')
        with pytest.raises(ValueError, match=r'\*\.py or \*\.json'):
            read(path)
        assert not harm.exists()
