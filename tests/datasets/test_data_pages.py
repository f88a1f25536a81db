"""The pages of docs/data: their commands, checksums and counts."""

from __future__ import annotations

import hashlib
import importlib
import io
import os
import re
import shlex
import subprocess
import tarfile
from pathlib import Path

import ilsvrc
import pytest
from converter_runs import FOLDER, run_converter
from mat_struct import struct_array
from miniatures import VOC, VOC_OBJECT, write
from mmengine.config import Config

from mmscm.datasets import ImageNetLocalization, WSOLMetadata

ROOT = Path(__file__).parents[2]
PAGES = ROOT / 'docs/data'
METADATA = os.environ.get('MMSCM_WSOL_METADATA', '')


def commands(page: Path) -> list[str]:
    """Lines of the shell blocks that run on miniatures."""
    found = re.findall(r'```shell\n(.*?)```', page.read_text(), re.DOTALL)
    return ''.join(found).splitlines()


@pytest.mark.parametrize('page', sorted(PAGES.glob('*.md')), ids=str)
def test_converters_take_the_commands_of_a_page(page):
    for line in commands(page):
        if line.startswith('python '):
            _, script, *arguments = shlex.split(line)
            assert (ROOT / script).parent == FOLDER
            converter = importlib.import_module(Path(script).stem)
            converter.make_parser().parse_args(arguments)


def tar(files: dict[str, bytes], mode: str = 'w') -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def write_ilsvrc(downloads: Path, synsets: list[str]) -> None:
    """The archives, of one val and one train image a class."""
    jpeg = b'not decoded here'
    val = {f'ILSVRC2012_val_{i:08d}': s for i, s in enumerate(synsets, 1)}
    objects = {s: VOC_OBJECT.format(1, 2, 3, 4) for s in synsets}
    xml = {k: VOC.format(objects[s].replace('n02', s)) for k, s in val.items()}
    numbered = list(enumerate(synsets, 1))
    truth = ''.join(f'{number}\n' for number, _ in numbered)
    kit = 'ILSVRC2012_devkit_t12/data/'
    meta = struct_array('synsets', ('ILSVRC2012_ID', 'WNID'), numbered)
    archives = {
        'img_val.tar': {f'{name}.JPEG': jpeg for name in val},
        'img_train.tar': {
            f'{s}.tar': tar({f'{s}_1.JPEG': jpeg}) for s in synsets
        },
        'bbox_val_v3.tgz': {
            f'val/{k}.xml': x.encode() for k, x in xml.items()
        },
        'devkit_t12.tar.gz': {
            f'{kit}meta.mat': meta,
            f'{kit}{ilsvrc.TRUTH}': truth.encode(),
        },
    }
    downloads.mkdir()
    for name, files in archives.items():
        mode = 'w' if name.endswith('.tar') else 'w:gz'
        (downloads / f'ILSVRC2012_{name}').write_bytes(tar(files, mode))


def test_the_page_of_ilsvrc_makes_what_the_config_reads(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ilsvrc, 'NUM_CLASSES', 3)
    write_ilsvrc(tmp_path / 'downloads', ['n03', 'n02', 'n01'])
    shell = []
    for line in commands(PAGES / 'ilsvrc.md'):
        if line.startswith('python '):
            subprocess.run(['bash', '-euc', '\n'.join(shell)], check=True)
            run_converter(monkeypatch, 'ilsvrc', *shlex.split(line)[2:])
            shell = []
        else:
            shell.append(line)
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
    text = (PAGES / 'ilsvrc.md').read_text()
    [block] = re.findall(r'```python\n(.*?)```', text, re.DOTALL)
    base = ROOT / 'configs/_base_/datasets/imagenet_224.py'
    path = tmp_path / 'config.py'
    path.write_text(f'_base_ = [{str(base)!r}]\n{block}')
    config = Config.fromfile(path)
    expected = Config.fromfile(base).test_dataloader
    dataset = config.test_dataloader.pop('dataset')
    assert dataset.pop('pipeline') == expected.pop('dataset').pipeline
    assert config.test_dataloader == expected
    key = 'val/ILSVRC2012_val_00000001.JPEG'
    lists = tmp_path / 'data/wsol_metadata/ILSVRC/test'
    write(lists / 'image_ids.txt', key)
    write(lists / 'class_labels.txt', f'{key},0')
    write(lists / 'localization.txt', f'{key},1,2,3,4')
    dataset.update(data_root=f'{tmp_path}/data/', pipeline=[])
    assert dataset.pop('type') == 'mmscm.WSOLMetadata'
    sample = WSOLMetadata(**dataset)[0]
    assert sample['img_path'] == str(tmp_path / 'data/ILSVRC2012' / key)


@pytest.mark.skipif(
    not METADATA,
    reason='MMSCM_WSOL_METADATA does not name the lists of wsolevaluation',
)
def test_checksums_are_those_of_the_lists():
    text = (PAGES / 'wsol_metadata.sha256').read_text()
    lines = [line.split() for line in text.splitlines()]
    for checksum, name in lines:
        content = Path(METADATA, name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == checksum
    assert len(lines) == 26
