"""Classes of the validation images of ILSVRC 2012, from what comes with them.

The label of a class is the rank of its synset among all 1000, not its number
in the development kit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from mat4py import loadmat
from mat4py.loadmat import ParseError

from .text_lines import AnnotationError, read_lines
from .voc_boxes import read_voc_names

NUM_CLASSES = 1000
TRUTH = 'ILSVRC2012_validation_ground_truth.txt'


def synsets_of_xml(folder: Path) -> dict[str, str]:
    """Synset of each image that has an XML file below a folder.

    Args:
        folder (Path): ``Annotations/CLS-LOC/val``, flat or in folders.

    Returns:
        dict[str, str]: By name of the image without suffix.
    """
    paths = sorted(folder.rglob('*.xml'))
    if not paths:
        raise FileNotFoundError(
            f'Expected XML files with the boxes of val in {str(folder)!r}, '
            'but there are none.'
        )
    return {path.stem: _synset(path) for path in paths}


def synsets_of_devkit(folder: Path) -> dict[str, str]:
    """Synset of each validation image, from ILSVRC2012_devkit_t12.

    Line i of the ground truth is the number of the class of the image
    ILSVRC2012_val_i; ``meta.mat`` has the synset of each number.

    Args:
        folder (Path): Has ``data/meta.mat`` and the text file beside it.
    """
    synsets = _numbered_synsets(folder / 'data/meta.mat')
    classes = {}
    for line in read_lines(folder / 'data' / TRUTH):
        number = line.parse(int, line.text, 'the number of a class')
        if number not in synsets:
            line.fail('a number of meta.mat')
        classes[f'ILSVRC2012_val_{line.number:08d}'] = synsets[number]
    return classes


def ranks(synsets: Iterable[str]) -> dict[str, int]:
    """Label of each synset; a part of the classes has no labels."""
    names = sorted(set(synsets))
    if len(names) != NUM_CLASSES:
        raise AnnotationError(
            f'Expected {NUM_CLASSES} synsets in the annotations of val, but '
            f'got {len(names)}. Are they complete?'
        )
    return {name: label for label, name in enumerate(names)}


def check_train_folders(
    train: Iterable[str], synsets: Collection[str]
) -> None:
    """Labels of training images are ranks of folders; they must be equal."""
    train = set(train)
    if train != set(synsets):
        raise AnnotationError(
            'Expected a folder in train for each synset, but it lacks '
            f'{sorted(set(synsets) - train)[:3]} and adds '
            f'{sorted(train - set(synsets))[:3]}.'
        )


def _synset(path: Path) -> str:
    names = set(read_voc_names(path))
    if len(names) != 1:
        raise AnnotationError(
            f'{path}: Expected objects of one synset, but got {sorted(names)}.'
        )
    return names.pop()


def _numbered_synsets(path: Path) -> dict[int, str]:
    if not path.is_file():
        raise FileNotFoundError(
            f'Expected the file of the development kit at {str(path)!r}, '
            'but there is none.'
        )
    try:
        table = loadmat(str(path))['synsets']
        numbers, synsets = table['ILSVRC2012_ID'], table['WNID']
    except (ParseError, KeyError, TypeError) as error:
        raise AnnotationError(
            f'{path}: Expected a table `synsets` with ILSVRC2012_ID and '
            f'WNID, but got: {error!r}. The XML files have the classes too.'
        ) from error
    return {int(n): s for n, s in zip(numbers, synsets, strict=True)}
