"""Files found in what was unpacked, and put where lists expect them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from _files import (
    check_sizes,
    find_files,
    listing,
    match_files,
    place_files,
    stored_size,
)
from PIL import Image


@pytest.fixture
def unpacked(tmp_path):
    """Two files in two folders."""
    for name in ('x/a.txt', 'y/z/b.txt'):
        path = tmp_path / 'unpacked' / name
        path.parent.mkdir(parents=True)
        path.write_text(path.name)
    return tmp_path / 'unpacked'


def name_of(path):
    return path.name if path.suffix == '.txt' else None


def test_files_are_found_in_all_subfolders(unpacked):
    (unpacked / 'x/c.jpg').touch()
    found = find_files([unpacked], name_of)
    assert found == {
        'a.txt': [unpacked / 'x/a.txt'],
        'b.txt': [unpacked / 'y/z/b.txt'],
    }
    with pytest.raises(FileNotFoundError, match=r"folder at .*nowhere'"):
        find_files([unpacked / 'nowhere'], name_of)


def test_the_first_name_that_exists_counts(unpacked, tmp_path):
    found = find_files([unpacked], name_of)
    wanted = {tmp_path / 'one': ['no.txt', 'b.txt', 'a.txt']}
    sources = match_files(wanted, found, '')
    assert sources == {tmp_path / 'one': unpacked / 'y/z/b.txt'}


def test_missing_files_are_named(unpacked, tmp_path):
    wanted = {tmp_path / f'{i}': [f'{i}.txt'] for i in 'abc'}
    with pytest.raises(FileNotFoundError, match=r'1 of them\. Ask\.\n .*/c$'):
        match_files(wanted, find_files([unpacked], name_of), 'Ask.')


def test_two_files_for_one_target_are_named(unpacked, tmp_path):
    (unpacked / 'y/a.txt').write_text('another')
    found = find_files([unpacked], name_of)
    with pytest.raises(ValueError, match=r'for 1:\n.*x/a\.txt, .*y/a\.txt'):
        match_files({tmp_path / 'one': ['a.txt']}, found, '')


def test_a_link_beside_its_file_is_not_a_second_one(unpacked, tmp_path):
    (unpacked / 'y/a.txt').symlink_to(unpacked / 'x/a.txt')
    found = find_files([unpacked], name_of)
    assert len(match_files({tmp_path / 'one': ['a.txt']}, found, '')) == 1


def test_links_that_lead_back_end(unpacked):
    for name in 'pq':
        (unpacked / 'y' / name).symlink_to(unpacked)
    assert len(find_files([unpacked], name_of)['b.txt']) == 1


def test_a_folder_that_cannot_be_read_is_an_error(unpacked, monkeypatch):
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == 'z':
            raise PermissionError(13, 'Permission denied', str(path))
        return scandir(path)

    monkeypatch.setattr(os, 'scandir', refuse)
    with pytest.raises(PermissionError, match=r'denied.*/y/z'):
        find_files([unpacked], name_of)


def test_a_file_at_its_target_stays(unpacked):
    (unpacked / 'y/a.txt').write_text('another')
    target = unpacked / 'x/a.txt'
    found = find_files([unpacked], name_of)
    sources = match_files({target: ['a.txt']}, found, '')
    assert sources == {target: target}
    assert place_files(sources) == '0 linked, 1 already there'


def test_long_lists_are_cut():
    assert listing(['a', 'b']) == '\n  a\n  b'
    assert listing(list('abcdefghijkl')).endswith('j\n  ... and 2 more')


@pytest.mark.parametrize('copy', [False, True])
def test_a_second_run_changes_nothing(unpacked, tmp_path, copy):
    target = tmp_path / 'data/new/a'
    sources = {target: unpacked / 'x/a.txt'}
    place_files(sources, copy)
    before = target.lstat()
    assert place_files(sources, copy).startswith('0 ')
    assert target.lstat() == before
    assert target.read_text() == 'a.txt'
    assert target.is_symlink() is not copy


def test_links_survive_when_the_tree_moves(unpacked, tmp_path):
    place_files({unpacked / 'new/a': unpacked / 'x/a.txt'})
    unpacked.rename(tmp_path / 'moved')
    assert (tmp_path / 'moved/new/a').read_text() == 'a.txt'


def test_a_dry_run_writes_nothing(unpacked, tmp_path):
    done = place_files({tmp_path / 'new/a': unpacked / 'x/a.txt'}, True, True)
    assert done == '1 would be copied, 0 already there'
    assert not (tmp_path / 'new').exists()


@pytest.mark.parametrize('dry_run', [False, True])
def test_nothing_is_overwritten(unpacked, tmp_path, dry_run):
    (tmp_path / 'b').symlink_to(tmp_path / 'nothing')
    (tmp_path / 'a').write_text('of somebody')
    sources = {
        tmp_path / name: unpacked / 'x/a.txt' for name in ('free', 'a', 'b')
    }
    with pytest.raises(FileExistsError, match=r'found 2.*\n.*/a\n.*/b$'):
        place_files(sources, dry_run=dry_run)
    assert (tmp_path / 'a').read_text() == 'of somebody'
    assert not (tmp_path / 'free').exists()


def test_sizes_are_those_before_exif_rotation(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    Image.new('RGB', (8, 5)).save(tmp_path / 'a.jpg', exif=exif)
    assert stored_size(tmp_path / 'a.jpg') == (8, 5)
    (tmp_path / 'b.jpg').write_text('no image')
    with pytest.raises(ValueError, match=r'an image at .*b\.jpg'):
        stored_size(tmp_path / 'b.jpg')


def test_other_sizes_are_named(tmp_path):
    path, target = tmp_path / 'a.jpg', tmp_path / 'target'
    Image.new('RGB', (8, 5)).save(path)
    check_sizes({target: path}, {target: (5, 8)})
    with pytest.raises(ValueError, match=r'1 of 1 .*\n.*8 x 5, exp.* 5 x 8'):
        check_sizes({target: path}, {target: (8, 5)})
