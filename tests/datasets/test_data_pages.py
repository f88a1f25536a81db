"""The commands of docs/data run as they are printed, on miniatures."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import subprocess
from pathlib import Path

import ilsvrc
import pytest
from converter_runs import run_converter
from data_archives import picture, write_ilsvrc, write_tar, write_zip
from miniatures import paint, write
from mmengine.config import Config

from mmscm.datasets import (
    CUBLocalization,
    ImageNetLocalization,
    WSOLMetadata,
)

ROOT = Path(__file__).parents[2]
PAGES = ROOT / 'docs/data'
CHECKSUMS = PAGES / 'wsol_metadata.sha256'
METADATA = os.environ.get('MMSCM_WSOL_METADATA', '')
needs_metadata = pytest.mark.skipif(
    not METADATA,
    reason='MMSCM_WSOL_METADATA does not name the lists of wsolevaluation',
)


def commands(page: str, kind: str = 'shell') -> list[str]:
    """Lines of the blocks of a page."""
    text = (PAGES / f'{page}.md').read_text()
    found = re.findall(rf'```{kind}\n(.*?)```', text, re.DOTALL)
    return ''.join(found).splitlines()


def run_page(page: str, monkeypatch) -> None:
    """Converters in this process, all else in a shell."""
    shell: list[str] = []
    for line in commands(page):
        if not line.startswith('python '):
            shell.append(line)
            continue
        run_shell(shell)
        shell = []
        _, script, *arguments = shlex.split(line)
        assert (ROOT / script).is_file()
        run_converter(monkeypatch, Path(script).stem, *arguments)
    run_shell(shell)


def run_shell(lines: list[str]) -> str:
    done = subprocess.run(
        ['bash', '-eu', '-c', '\n'.join(lines)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def downloads(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / 'downloads'


def write_lists(folder: Path, sizes: dict[str, tuple[int, int]]) -> None:
    """Lists of images with one box each, all of class 0."""
    write(folder / 'image_ids.txt', *sizes)
    write(folder / 'class_labels.txt', *(f'{key},0' for key in sizes))
    write(
        folder / 'image_sizes.txt',
        *(f'{key},{w},{h}' for key, (w, h) in sizes.items()),
    )
    write(folder / 'localization.txt', *(f'{key},1,2,3,4' for key in sizes))


def first_sample(split: str, prefix: str) -> dict:
    pipeline = [dict(type='LoadImageFromFile')]
    return WSOLMetadata(
        'data/', split, prefix, num_classes=1000, pipeline=pipeline
    )[0]


def test_cub(downloads, cub_root, monkeypatch):
    archive = downloads / 'CUB_200_2011.tgz'
    files = [path for path in cub_root.rglob('*') if path.is_file()]
    write_tar(
        archive,
        {
            path.relative_to(cub_root.parent).as_posix(): path.read_bytes()
            for path in files
        },
    )
    run_page('cub', monkeypatch)
    assert len(CUBLocalization('data/CUB_200_2011/', 'test')) == 2


def test_cubv2(downloads, monkeypatch):
    key = '001.Black_footed_Albatross/30107316117.jpg'
    write_tar(downloads / 'CUBV2.tar', {key: picture(56, 41)})
    write_lists(Path('data/wsol_metadata/CUB/val'), {key: (56, 41)})
    run_page('cubv2', monkeypatch)
    sample = first_sample('wsol_metadata/CUB/val', 'CUBV2')
    assert sample['img'].shape == (41, 56, 3)


def test_imagenetv2(downloads, monkeypatch):
    new = '0/a31041fd31109279f69ba5827fe508eee00abd75.jpeg'
    write_tar(
        downloads / 'imagenetv2-threshold0.7.tar.gz',
        {f'imagenetv2-threshold0.7-format-val/{new}': picture(50, 37)},
    )
    lists = Path('data/wsol_metadata/ILSVRC/val')
    write_lists(lists, {'val2/0/0.jpeg': (50, 37)})
    write(lists / 'mapping.txt', f'0/0.jpeg, {new}')
    assert f'`0/0.jpeg, {new}`' in (PAGES / 'imagenetv2.md').read_text()
    run_page('imagenetv2', monkeypatch)
    sample = first_sample('wsol_metadata/ILSVRC/val', 'ILSVRC2012')
    assert sample['img'].shape == (37, 50, 3)


def test_openimages30k(downloads, monkeypatch):
    lists = Path('data/wsol_metadata/OpenImages')
    images, masks = {}, {}
    for split in ('train', 'val', 'test'):
        image = f'{split}/0bt_c3/{split}'
        write_lists(lists / split, {f'{image}.jpg': (30, 20)})
        line = f'{image}.jpg,{image}_m0bt_c3_1.png,{image}_ignore.png'
        write(lists / split / 'localization.txt', line)
        images[f'{image}.jpg'] = picture(30, 20)
        if split != 'train':
            for name in ('m0bt_c3_1', 'ignore'):
                masks[f'{image}_{name}.png'] = picture(60, 40, '.png')
    write_zip(downloads / 'OpenImages_images.zip', images)
    write_zip(downloads / 'OpenImages_annotations.zip', masks)
    run_page('openimages30k', monkeypatch)
    placed = Path('data/OpenImages').rglob('*.*')
    names = {path.relative_to('data/OpenImages').as_posix() for path in placed}
    assert names == set(images) | set(masks)


def test_ilsvrc(downloads, monkeypatch):
    monkeypatch.setattr(ilsvrc, 'NUM_CLASSES', 3)
    write_ilsvrc(downloads, num_classes=3)
    run_page('ilsvrc', monkeypatch)
    options = dict(classes=('a', 'b', 'c'), pipeline=[])
    root = 'data/ILSVRC2012/'
    test = ImageNetLocalization(
        root,
        'val',
        ann_file='meta/val.txt',
        boxes='Annotations/CLS-LOC/val/',
        **options,
    )
    assert [test[i]['gt_label'] for i in range(3)] == [2, 1, 0]
    assert len(ImageNetLocalization(root, 'train', **options)) == 3


def test_ilsvrc_without_xml_files(tmp_path):
    """The configuration of the page is the same test set."""
    [block] = re.findall(
        r'```python\n(.*?)```', (PAGES / 'ilsvrc.md').read_text(), re.DOTALL
    )
    base = ROOT / 'configs/_base_/datasets/imagenet_224.py'
    path = tmp_path / 'config.py'
    path.write_text(f'_base_ = [{str(base)!r}]\n{block}')
    config = Config.fromfile(path)
    expected = Config.fromfile(base).test_dataloader
    dataset = config.test_dataloader.pop('dataset')
    assert dataset.pop('pipeline') == expected.pop('dataset').pipeline
    assert config.test_dataloader == expected
    data = tmp_path / 'data'
    key = 'val/ILSVRC2012_val_00000001.JPEG'
    write_lists(data / 'wsol_metadata/ILSVRC/test', {key: (500, 375)})
    dataset.update(data_root=f'{data}/')
    assert dataset.pop('type') == 'mmscm.WSOLMetadata'
    sample = WSOLMetadata(**dataset, pipeline=[])[0]
    assert sample['img_path'] == str(data / 'ILSVRC2012' / key)


def test_your_own(downloads, monkeypatch):
    for index in range(5):
        paint(Path(f'data/mine/images/cat/{index}.jpg'), 9, 9)
    write(Path('data/mine/boxes.txt'), 'images/cat/0.jpg,1,2,3,4')
    run_page('your_own', monkeypatch)
    assert Path('data/mine/metadata/train/image_ids.txt').is_file()


@needs_metadata
def test_checksums_are_those_of_the_lists(tmp_path, monkeypatch):
    lines = [line.split() for line in CHECKSUMS.read_text().splitlines()]
    for checksum, name in lines:
        content = Path(METADATA, name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == checksum
    assert len(lines) == 26
    (tmp_path / 'data').mkdir()
    (tmp_path / 'data/wsol_metadata').symlink_to(METADATA)
    (tmp_path / 'docs').symlink_to(ROOT / 'docs')
    monkeypatch.chdir(tmp_path)
    for page in PAGES.glob('*.md'):
        for line in commands(page.stem, 'shell-data'):
            if 'sha256sum' in line:
                assert 'FAILED' not in run_shell([line])
