import cv2
import pytest
from imagenette_wsol import convert
from miniatures import paint, write, write_lists

from mmscm.datasets import WSOLMetadata

TRAIN = 'n01440764/n01440764_1.JPEG'
VAL = 'n02102040/ILSVRC2012_val_1.JPEG'
TEST = 'n03888257/ILSVRC2012_val_2.JPEG'


@pytest.fixture
def folders(tmp_path):
    """Images, whose halves are not those of the lists; lists; what is made."""
    images, lists = tmp_path / 'imagenette2-320', tmp_path / 'metadata'
    paint(images / 'val' / TRAIN, 50, 30)
    paint(images / 'train' / VAL, 30, 60)
    paint(images / 'val' / TEST, 40, 40)
    listed = ('train', TRAIN, 0), ('val', VAL, 1), ('test', TEST, 9)
    for split, name, label in listed:
        of_split = dict(class_labels={f'images/{name}': label})
        if split != 'train':
            of_split['localization'] = {f'images/{name}': '1,2,30,40'}
        write_lists(lists / split, **of_split)
    return images, lists, tmp_path / 'out'


def test_the_converted_folder_is_a_data_set(folders):
    _, _, out = folders
    assert convert(*folders) == f'{out}: 3 images'
    for split, name in (('train', TRAIN), ('val', VAL), ('test', TEST)):
        assert cv2.imread(str(out / 'images' / name)).shape == (224, 224, 3)
        dataset = WSOLMetadata(
            str(out),
            f'metadata/{split}',
            classes='classes.txt',
            localization='none' if split == 'train' else 'boxes',
        )
        assert dataset[0]['img_path'] == str(out / 'images' / name)
    assert dataset[0]['gt_bboxes'].tolist() == [[1, 2, 30, 40]]
    assert dataset.CLASSES[9] == 'parachute'


def test_missing_images_are_listed_and_nothing_is_written(folders):
    images, _, out = folders
    (images / 'val' / TEST).unlink()
    with pytest.raises(FileNotFoundError, match=f'1 of them.*\n.*{TEST}'):
        convert(*folders)
    assert not out.exists()


def test_a_label_that_is_not_of_its_synset_is_named(folders):
    write(folders[1] / 'val/class_labels.txt', f'images/{VAL},3')
    with pytest.raises(ValueError, match=f"'images/{VAL}', label 3"):
        convert(*folders)
