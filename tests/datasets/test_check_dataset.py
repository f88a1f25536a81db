"""tools/check_dataset.py as it is typed."""

import json

import pytest
from miniatures import paint, write
from tool_runs import run_tool

CONFIG = """val_dataloader = dict(dataset=dict(
    type='mmscm.WSOLMetadata', data_root='{}', split_folder='metadata/test',
    data_prefix='images', num_classes=2, test_mode=True,
    pipeline=[dict(type='mmscm.LoadImage'), dict(type='PackInputs')]))
"""


@pytest.fixture
def check(metadata_root, capsys):
    """Run the tool: exit status, and the lines that it prints."""

    def run(*arguments):
        config = write(
            metadata_root / 'config.py', CONFIG.format(metadata_root)
        )
        status = 0
        try:
            run_tool('check_dataset.py', config, *arguments)
        except SystemExit as end:
            status = end.code
        return status, capsys.readouterr().out.splitlines()

    return run


def test_a_good_set_is_counted(check):
    summary = 'val: 2 images, 2 classes, 3 boxes or masks, 0 problems'
    assert check() == (0, [summary])
    assert check('--no-images', '--split', 'val') == (0, [summary])
    status, _ = check('--split', 'train')
    assert 'Expected `train_dataloader` in the config' in status


def test_all_wrong_lines_of_a_list_are_named(metadata_root, check):
    lists = metadata_root / 'metadata/test'
    write(lists / 'localization.txt', *['a/1.jpg,0,0,9'] * 20)
    status, lines = check('--json', str(metadata_root / 'out.json'))
    assert status == 1
    assert [line.split(':')[1] for line in lines[:-1]] == [
        f' {lists}/localization.txt, line {i}' for i in range(1, 21)
    ]
    assert lines[-1].startswith('val: 0 images')
    assert lines[-1].endswith('20 problems')
    found = json.loads((metadata_root / 'out.json').read_text())
    assert len(found['val']['problems']) == 20


@pytest.mark.parametrize('workers', ['0', '2'])
def test_all_wrong_images_are_named(metadata_root, check, workers):
    (metadata_root / 'images/a/1.jpg').write_bytes(b'')
    paint(metadata_root / 'images/b/2.jpg', 31, 30)
    status, (empty, wrong, summary) = check('--workers', workers)
    assert status == 1
    assert empty.startswith(f'val: {metadata_root}/images/a/1.jpg: Expected')
    assert wrong.startswith(f'val: {metadata_root}/images/b/2.jpg: Expected')
    assert '30 x 30 pixels, as listed' in wrong
    assert summary.endswith('3 boxes or masks, 2 problems')


def test_a_box_outside_an_image_of_unlisted_size_and_a_missing_list_are_found(
    metadata_root, check
):
    lists = metadata_root / 'metadata/test'
    (lists / 'image_sizes.txt').unlink()
    boxes = ('a/1.jpg,0,0,9,9', 'b/2.jpg,0,0,60,9')
    write(lists / 'localization.txt', *boxes)
    _, (problem, _) = check()
    assert f'{metadata_root}/images/b/2.jpg: Expected a box with' in problem
    (lists / 'class_labels.txt').unlink()
    _, (problem, _) = check()
    assert problem.startswith(f'val: {lists}/class_labels.txt: Expected')
