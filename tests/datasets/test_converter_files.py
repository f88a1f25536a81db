"""Files found in what was unpacked, and put where lists expect them."""

import os
from pathlib import Path

import pytest
from _files import find_files, listing, match_files, place
from PIL import Image


@pytest.fixture
def unpacked(tmp_path):
    """Two files in two folders."""
    for name in ('x/a.txt', 'y/z/b.txt'):
        path = tmp_path / 'unpacked' / name
        path.parent.mkdir(parents=True)
        path.write_text(path.name)
    return tmp_path / 'unpacked'


def found_in(folder):
    return find_files([folder], lambda path: path.name)


def test_files_are_found_in_all_subfolders_and_others_passed(
    unpacked, tmp_path
):
    found = find_files([unpacked], lambda p: p.stem if p.stem == 'b' else None)
    assert found == {'b': [unpacked / 'y/z/b.txt']}
    with pytest.raises(FileNotFoundError, match='nowhere'):
        found_in(unpacked / 'nowhere')
    wanted = {'one': ['no.txt', 'b.txt', 'a.txt']}  # the first that exists
    sources = match_files(tmp_path, wanted, found_in(unpacked), '')
    assert sources == {tmp_path / 'one': unpacked / 'y/z/b.txt'}


def test_missing_and_doubtful_files_are_named(unpacked, tmp_path):
    wanted = {i: [f'{i}.txt'] for i in 'abc'}
    with pytest.raises(FileNotFoundError, match=r'1 of them\. Ask\.\n .*/c$'):
        match_files(tmp_path, wanted, found_in(unpacked), 'Ask.')
    (unpacked / 'y/a.txt').write_text('another')
    found = found_in(unpacked)
    with pytest.raises(ValueError, match=r'for 1:\n.*x/a\.txt, .*y/a\.txt'):
        match_files(tmp_path, {'one': ['a.txt']}, found, '')
    # but a file at its target stays
    done = place(unpacked, {'x/a.txt': ['a.txt']}, found, '')
    assert done == f'{unpacked}: 0 linked, 1 already there'


def test_links_are_no_second_file_and_may_lead_back(unpacked, tmp_path):
    (unpacked / 'y/a.txt').symlink_to(unpacked / 'x/a.txt')
    for name in 'pq':
        (unpacked / 'y' / name).symlink_to(unpacked)
    found = found_in(unpacked)
    assert match_files(tmp_path, {'one': ['a.txt']}, found, '')
    assert len(found['b.txt']) == 1


def test_a_folder_that_cannot_be_read_is_an_error(unpacked, monkeypatch):
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == 'z':
            raise PermissionError(13, 'Permission denied', str(path))
        return scandir(path)

    monkeypatch.setattr(os, 'scandir', refuse)
    with pytest.raises(PermissionError, match=r'denied.*/y/z'):
        found_in(unpacked)


def test_long_lists_are_cut():
    assert listing(['a', 'b']) == '\n  a\n  b'
    assert listing(list('abcdefghijkl')).endswith('j\n  ... and 2 more')


@pytest.mark.parametrize('copy', [False, True])
def test_a_second_run_changes_nothing_and_links_survive_a_move(
    unpacked, tmp_path, copy
):
    target, found = unpacked / 'new/a', found_in(unpacked)
    arguments = (unpacked, {'new/a': ['a.txt']}, found, '')
    assert 'would be' in place(*arguments, copy=copy, dry_run=True)
    assert not target.exists()
    place(*arguments, copy=copy)
    before = target.lstat()
    assert '0 linked' in place(*arguments)
    assert target.lstat() == before
    assert target.is_symlink() is not copy
    unpacked.rename(tmp_path / 'moved')
    assert (tmp_path / 'moved/new/a').read_text() == 'a.txt'


@pytest.mark.parametrize('dry_run', [False, True])
def test_nothing_is_overwritten(unpacked, tmp_path, dry_run):
    (tmp_path / 'b').symlink_to(tmp_path / 'nothing')
    (tmp_path / 'a').write_text('of somebody')
    wanted = {name: ['a.txt'] for name in ('free', 'a', 'b')}
    with pytest.raises(FileExistsError, match=r'found 2.*\n.*/a\n.*/b$'):
        place(tmp_path, wanted, found_in(unpacked), '', dry_run=dry_run)
    assert (tmp_path / 'a').read_text() == 'of somebody'
    assert not (tmp_path / 'free').exists()


def test_sizes_are_those_before_exif_rotation(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    path = tmp_path / 'a.jpg'
    Image.new('RGB', (8, 5)).save(path, exif=exif)
    arguments = (tmp_path, {'b': ['a.jpg']}, {'a.jpg': [path]}, '')
    with pytest.raises(ValueError, match=r'1 of 1 .*\n.*8 x 5, exp.* 5 x 8'):
        place(*arguments, {'b': (8, 5)})
    assert '1 linked' in place(*arguments, {'b': (5, 8)})
    path.write_text('no image')
    with pytest.raises(OSError, match=r'image file .*b'):
        place(*arguments, {'b': (5, 8)})
