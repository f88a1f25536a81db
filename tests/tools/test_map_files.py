"""Maps are found by id, and what is wrong with a file is said by name."""

import io
import zipfile

import numpy as np
import pytest
from eval_maps import find_maps, load_map

GOOD = np.array([[0, 0.5], [0.25, 1]], np.float32)


def saved(folder, name, array, **kwargs):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, array, **kwargs)
    return path


def test_maps_lie_where_the_ids_say(tmp_path):
    first = saved(tmp_path, 'val2/995/0.npy', GOOD)
    np.savez(tmp_path / 'b.jpg.npz', GOOD)
    found = find_maps(tmp_path, ['val2/995/0.jpeg', 'b.jpg'])
    assert found['val2/995/0.jpeg'] == first
    np.testing.assert_array_equal(load_map(found['b.jpg']), GOOD)


def test_all_missing_maps_are_listed_at_once(tmp_path):
    saved(tmp_path, 'a.npy', GOOD)
    with pytest.raises(FileNotFoundError) as error:
        find_maps(tmp_path, ['a.jpg', 'b.jpg', 'c/d.jpg'])
    assert '2 are missing: b.jpg, c/d.jpg.' in str(error.value)
    assert 'The map of b.jpg is b.npy or .npz' in str(error.value)


def test_maps_of_unknown_ids_are_named_unless_allowed(tmp_path):
    saved(tmp_path, 'a.npy', GOOD)
    saved(tmp_path, 'train/x.npy', GOOD)
    with pytest.raises(ValueError, match=r'belong to none: train/x\.npy'):
        find_maps(tmp_path, ['a.jpg'])
    assert list(find_maps(tmp_path, ['a.jpg'], True)) == ['a.jpg']


@pytest.mark.parametrize(
    ('array', 'message'),
    [
        (GOOD[None], r'shape \(H, W\) .* got shape \(1, 2, 2\)'),
        (GOOD[:0], r'but got shape \(0, 2\)'),
        (np.where(GOOD > 0.4, np.nan, GOOD), 'values from nan'),
        (GOOD - 0.1, r'values from -0\.1'),
        (GOOD * 255, r'to 255\.0\. Divide by 255'),
        (GOOD.astype(complex), 'numbers, but got an array of complex128'),
        (np.full((2, 2), np.inf), r'to inf\.$'),
        (np.array([[print]]), 'an array of object'),  # a pickle
    ],
)
def test_wrong_arrays_are_named(tmp_path, array, message):
    path = saved(tmp_path, 'a.npy', array, allow_pickle=True)
    with pytest.raises(ValueError, match=message) as error:
        load_map(path)
    assert str(path) in str(error.value)


def test_broken_files_are_named(tmp_path):
    path = saved(tmp_path, 'a.npy', GOOD)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match=r'a\.npy.*could only read 3'):
        load_map(path)
    for name in ('a.npy', 'b.npz'):
        (tmp_path / name).write_bytes(b'no array')
        with pytest.raises(ValueError, match=rf'{name}: '):
            load_map(tmp_path / name)


def test_a_header_that_claims_too_much_is_refused_unread(tmp_path):
    header = io.BytesIO()
    claim = {'descr': '|u1', 'fortran_order': False, 'shape': (99999, 99999)}
    np.lib.format.write_array_header_1_0(header, claim)
    with zipfile.ZipFile(tmp_path / 'bomb.npz', 'w') as archive:
        archive.writestr('arr_0.npy', header.getvalue() + bytes(1000))
    with pytest.raises(ValueError, match=r'at most .* values'):
        load_map(tmp_path / 'bomb.npz')


def test_archives_have_a_single_array(tmp_path):
    np.savez(tmp_path / 'a.npz', GOOD, GOOD)
    with pytest.raises(ValueError, match='a single array'):
        load_map(tmp_path / 'a.npz')


def test_order_and_type_do_not_matter(tmp_path):
    path = saved(tmp_path, 'a.npy', np.asfortranarray(GOOD.astype(float)))
    np.testing.assert_array_equal(load_map(path), GOOD)
