"""Commands, checksums and counts of docs/data, and help of the converters."""

import hashlib
import importlib
import os
import re
import shlex
from pathlib import Path

import pytest
from miniatures import write, write_lists
from mmengine.config import Config
from tool_runs import ROOT, run_tool

from mmscm.datasets import WSOLMetadata

FOLDER = ROOT / 'tools/dataset_converters'
PAGES = ROOT / 'docs/data'
METADATA = os.environ.get('MMSCM_WSOL_METADATA', '')


@pytest.mark.parametrize('path', sorted(FOLDER.glob('[a-z]*.py')), ids=str)
def test_help_begins_with_what_is_made(path, capsys):
    with pytest.raises(SystemExit, match='0'):
        run_tool(path, '--help')
    _usage, first, *_ = capsys.readouterr().out.split('\n\n')
    assert re.fullmatch(r'(Make|Write|Build) [^\n]+\.', first)


@pytest.mark.parametrize('page', sorted(PAGES.glob('*.md')), ids=str)
def test_converters_take_the_commands_of_a_page(page):
    blocks = re.findall(r'```shell\n(.*?)```', page.read_text(), re.DOTALL)
    for line in ''.join(blocks).splitlines():
        if line.startswith('python '):
            _, script, *arguments = shlex.split(line)
            assert (ROOT / script).parent == FOLDER
            converter = importlib.import_module(Path(script).stem)
            converter.make_parser().parse_args(arguments)


def test_ilsvrc_without_xml_files(tmp_path):
    """The configuration of the page is the same test set."""
    text = (PAGES / 'ilsvrc.md').read_text()
    [block] = re.findall(r'```python\n(.*?)```', text, re.DOTALL)
    base = ROOT / 'configs/_base_/datasets/imagenet_224.py'
    write(tmp_path / 'config.py', f'_base_ = [{str(base)!r}]', block)
    loader = Config.fromfile(tmp_path / 'config.py').test_dataloader
    expected = Config.fromfile(base).test_dataloader
    dataset = loader.pop('dataset')
    assert dataset.pop('pipeline') == expected.pop('dataset').pipeline
    assert loader == expected
    key = 'val/ILSVRC2012_val_00000001.JPEG'
    lists = tmp_path / 'data/wsol_metadata/ILSVRC/test'
    write_lists(lists, class_labels={key: 0}, localization={key: '1,2,3,4'})
    dataset.update(data_root=f'{tmp_path}/data/', pipeline=[])
    assert dataset.pop('type') == 'mmscm.WSOLMetadata'
    sample = WSOLMetadata(**dataset)[0]
    assert sample['img_path'] == str(tmp_path / 'data/ILSVRC2012' / key)


@pytest.mark.skipif(not METADATA, reason='no MMSCM_WSOL_METADATA')
def test_checksums_are_those_of_the_lists():
    text = (PAGES / 'wsol_metadata.sha256').read_text()
    lines = [line.split() for line in text.splitlines()]
    for checksum, name in lines:
        content = Path(METADATA, name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == checksum
    assert len(lines) == 26
