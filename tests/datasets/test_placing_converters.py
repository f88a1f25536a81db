"""CUBV2, ImageNetV2 and OpenImages30k become what the configs read."""

import shutil
from pathlib import Path

import pytest
from miniatures import paint, write, write_lists
from mmengine.config import Config
from tool_runs import ROOT, run_tool

from mmscm.registry import DATASETS

CONFIGS = ROOT / 'configs/_base_/datasets'
CUBV2, IMAGENETV2, OPENIMAGES = (
    f'dataset_converters/{name}.py'
    for name in ('cubv2', 'imagenetv2', 'openimages30k')
)
LISTS = Path('data/wsol_metadata')
ALBATROSS = '001.Black_footed_Albatross/30107316117.jpg'
AUKLET = '005.Crested_Auklet/5944746087.jpg'
BIRDS = {ALBATROSS: (56, 41), AUKLET: (30, 40)}
NUMBERED = {'0/0.jpeg': (50, 37), '0/1.jpeg': (50, 34), '999/0.jpeg': (30, 50)}
HASHED = {
    '0/0.jpeg': '0/a31041fd31109279f69ba5827fe508eee00abd75.jpeg',
    '0/1.jpeg': '0/0af3f1b55de791c4144e2fb6d7dfe96dfc22d3fc.jpeg',
    '999/0.jpeg': '999/bcf8a5326180b5e9320642f5024096fbc8a5d454.jpeg',
}
SAME = {key: key for key in NUMBERED}
TRAIN = 'train/01226z/ed9d2feb6d44cff3.jpg'
VAL = 'val/0bt_c3/3a29f0b33894d4a6'
TEST = 'test/0ph39/61ea5d35a14e4f04'
MASKS = {
    VAL: [f'{VAL}_m0bt_c3_3581e3ae.png', f'{VAL}_m0bt_c3_d2422806.png'],
    TEST: [f'{TEST}_m0ph39_278a1f42.png'],
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write_sized(folder: Path, labels: dict, sizes: dict) -> None:
    """Lists of images of (width, height), each with a box."""
    sides = {key: f'{w},{h}' for key, (w, h) in sizes.items()}
    boxes = {key: f'1,2,{w - 1},{h - 1}' for key, (w, h) in sizes.items()}
    lists = dict(image_sizes=sides, localization=boxes)
    write_lists(folder, class_labels=labels, **lists)


def samples(config: str, split: str = 'val') -> list[dict]:
    """What the config reads."""
    loader = Config.fromfile(CONFIGS / config)[f'{split}_dataloader']
    pipeline = [dict(type='LoadImageFromFile')]
    if loader.dataset.get('localization') == 'masks':
        pipeline.append(dict(type='mmscm.LoadLocalizationMask'))
    return list(DATASETS.build(dict(loader.dataset, pipeline=pipeline)))


@pytest.fixture
def birds():
    """Lists of two images of CUBV2, and the images beside CUB-200-2011."""
    write_sized(LISTS / 'CUB/val', {ALBATROSS: 0, AUKLET: 4}, BIRDS)
    for name, size in BIRDS.items():
        paint(Path('CUB') / name, *size)
    paint(Path('CUB/005.Crested_Auklet/Auklet_0046_18.jpg'), 20, 20)


def test_cubv2_is_what_the_config_reads(birds, capsys):
    run_tool(CUBV2, 'CUB')
    done = capsys.readouterr().out
    assert done == 'data/CUBV2: 2 linked, 0 already there\n'
    sample = samples('cub_224.py')[1]
    assert sample['img'].shape == (40, 30, 3)
    assert sample['gt_label'] == 4
    assert len(list(Path('data/CUBV2').rglob('*.jpg'))) == 2


def test_images_of_cubv2_are_known_by_number_in_flat_folders(birds):
    paint(Path('flickr/30107316117_0af3_o.jpg'), 56, 41)
    paint(Path('flickr/5944746087.JPG'), 30, 40)
    run_tool(CUBV2, 'flickr', '--copy')
    assert Path('data/CUBV2', AUKLET).is_file()
    assert Path('data/CUBV2', ALBATROSS).is_file()
    shutil.rmtree('data/CUBV2')
    Path('flickr/5944746087.JPG').unlink()
    with pytest.raises(SystemExit, match=f'1 of them.*Flickr.*\n.*{AUKLET}'):
        run_tool(CUBV2, 'flickr')


def write_imagenetv2(listed: dict, archived: dict, folder: str) -> None:
    """Lists with names of one kind, an archive with names of another."""
    sizes = {f'val2/{listed[key]}': size for key, size in NUMBERED.items()}
    labels = {key: int(key.split('/')[1]) for key in sizes}
    write_sized(LISTS / 'ILSVRC/val', labels, sizes)
    for key, size in NUMBERED.items():
        paint(Path(folder) / archived[key], *size)


def write_mapping(path: Path, *others: str) -> None:
    write(path, *(f'{old}, {new}' for old, new in HASHED.items()), *others)


@pytest.mark.parametrize('listed', [SAME, HASHED])
@pytest.mark.parametrize('archived', [SAME, HASHED])
def test_lists_and_archives_of_imagenetv2_of_either_naming_go_together(
    listed, archived
):
    write_imagenetv2(listed, archived, 'v2/inner')
    mapping = []
    if listed is not archived:  # otherwise none is needed
        write_mapping(Path('mapping.txt'))
        mapping = ['--mapping', 'mapping.txt']
    run_tool(IMAGENETV2, 'v2', *mapping)
    found = samples('imagenet_224.py')
    shapes = [sample['img'].shape[:2] for sample in found]
    assert shapes == [(h, w) for w, h in NUMBERED.values()]
    assert [sample['gt_label'] for sample in found] == [0, 0, 999]


def test_images_of_imagenetv2_can_stay_where_they_are(capsys):
    write_imagenetv2(SAME, HASHED, 'data/ILSVRC2012/val2')
    write_mapping(LISTS / 'ILSVRC/val/mapping.txt')
    for done in ('3 linked, 0 already', '0 linked, 3 already'):
        run_tool(IMAGENETV2, 'data/ILSVRC2012/val2')
        assert done in capsys.readouterr().out


@pytest.mark.parametrize(
    ('line', 'expected'),
    [
        (None, r'3 of them.*mapping\.txt of wsol'),  # no mapping at all
        ('0/2.jpeg 0/a.jpeg', 'txt, line 4.*old name,new name'),
        ('0/2.jpeg, 1/a.jpeg', 'txt, line 4.*folder of one label'),
        ('0/0.jpeg, 0/a.jpeg', 'txt, line 4.*once'),
        ('0/2.jpeg, ../a.jpeg', 'txt, line 4.*below the data root'),
    ],
)
def test_a_wrong_mapping_is_named(line, expected):
    write_imagenetv2(SAME, HASHED, 'v2')
    if line:
        write_mapping(LISTS / 'ILSVRC/val/mapping.txt', line)
    with pytest.raises(SystemExit, match=expected):
        run_tool(IMAGENETV2, 'v2')
    assert not Path('data/ILSVRC2012').exists()


@pytest.fixture
def openimages():
    """Lists of one image a split; the files lie flat, by archive."""
    write_lists(LISTS / 'OpenImages/train', class_labels={TRAIN: 0})
    paint(Path('images') / Path(TRAIN).name, 30, 20)
    for image, (first, *others) in MASKS.items():
        folder = LISTS / 'OpenImages' / image.split('/')[0]
        key = f'{image}.jpg'
        write_lists(folder, class_labels={key: 99})
        lines = [f'{key},{first},{image}_ignore.png']
        lines += [f'{key},{mask},' for mask in others]
        write(folder / 'localization.txt', *lines)
        paint(Path('images') / Path(key).name, 30, 20)
        for mask in (first, *others, f'{image}_ignore.png'):
            paint(Path('masks') / Path(mask).name, 60, 40)


def test_openimages30k_is_what_the_config_reads(openimages, capsys):
    run_tool(OPENIMAGES, 'images', 'masks')
    done = capsys.readouterr().out
    assert done == 'data/OpenImages: 8 linked, 0 already there\n'
    [sample] = samples('openimages_224.py')
    assert sample['gt_mask'].shape == (20, 30)
    names = [Path(path).name for path in sample['mask_paths']]
    assert names == [Path(mask).name for mask in MASKS[VAL]]
    assert samples('openimages_224.py', 'train')[0]['gt_label'] == 0


def test_missing_masks_are_named_and_a_split_is_made_without_the_others(
    openimages, capsys
):
    Path('masks', f'{Path(TEST).name}_ignore.png').unlink()
    with pytest.raises(SystemExit, match=rf'_ignore.*--splits.*\n.*{TEST}_ig'):
        run_tool(OPENIMAGES, 'images', 'masks')
    assert not Path('data/OpenImages').exists()
    shutil.rmtree(LISTS / 'OpenImages/train')
    run_tool(OPENIMAGES, '.', '--splits', 'val')
    assert 'OpenImages: 4 linked' in capsys.readouterr().out
