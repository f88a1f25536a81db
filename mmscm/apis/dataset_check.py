"""Every problem of a data set at once, by the rules that training uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.registry import init_default_scope
from torch.utils.data import DataLoader

from mmscm.datasets.problems import DataError, collect_problems
from mmscm.engine.leaf_datasets import leaf_datasets
from mmscm.registry import DATASETS

from .dataset_check_images import CheckedImage, CheckedImages
from .runner import SPLITS

Progress = Callable[[Iterable, int], Iterable]


@dataclass
class SplitCheck:
    """What a split has and what is wrong with it.

    Attributes:
        split (str): 'train', 'val' or 'test'.
        problems (list[DataError]): In the order they were met.
        images (int): Listed images.
        classes (int): Classes with at least one image.
        known_classes (int): Classes that the data set names, 0 if none.
        boxes (int): Boxes or masks of objects.
        read (int): Images that were read.
        rotated (int): Those of them that EXIF wants rotated.
        smallest (tuple[int, int]): Least height and least width, pixels.
        largest (tuple[int, int]): Greatest height and greatest width.
    """

    split: str
    problems: list[DataError] = field(default_factory=list)
    images: int = 0
    classes: int = 0
    known_classes: int = 0
    boxes: int = 0
    read: int = 0
    rotated: int = 0
    smallest: tuple[int, int] | None = None
    largest: tuple[int, int] | None = None

    def to_dict(self) -> dict[str, Any]:
        """For JSON; a problem has its file, place and message."""
        problems = [
            dict(file=error.path, place=error.place, message=str(error))
            for error in self.problems
        ]
        return {**vars(self), 'problems': problems}


def check_split(
    cfg: Config,
    split: str,
    images: bool = True,
    workers: int = 0,
    progress: Progress = lambda items, _: items,
) -> SplitCheck:
    """Read the lists of a split, and then its images.

    Args:
        cfg (Config): A complete config.
        split (str): 'train', 'val' or 'test'.
        images (bool): Read the images too.
        workers (int): Processes that read them; 0 is this one.
        progress (Callable): Wraps the images that are read, and is given
            their number.
    """
    loader = cfg.get(f'{split}_dataloader')
    if loader is None:
        raise ValueError(
            f'Expected `{split}_dataloader` in the config, but got none.'
        )
    init_default_scope(cfg.get('default_scope', 'mmpretrain'))
    check = SplitCheck(split)
    for dataset in _read_lists(loader.dataset, check):
        _count(dataset, check)
        if images:
            checked = CheckedImages(dataset)
            # without a batch size, entries come one by one and in order
            loader = DataLoader(checked, batch_size=None, num_workers=workers)
            for image in progress(loader, len(checked)):
                _add(image, check)
    return check


def check_splits(cfg: Config, split: str, **kwargs: Any) -> list[SplitCheck]:
    """:func:`check_split` of one split, or of 'all' that the config has."""
    named = [s for s in SPLITS if cfg.get(f'{s}_dataloader') is not None]
    names = named if split == 'all' else [split]
    return [check_split(cfg, name, **kwargs) for name in names]


def _read_lists(cfg: dict, check: SplitCheck) -> Iterator[BaseDataset]:
    with collect_problems() as problems:
        try:
            dataset = DATASETS.build(cfg)
        except DataError as error:  # nothing to go on with
            problems.append(error)
            dataset = None
    check.problems += problems
    return iter(()) if dataset is None else leaf_datasets(dataset)


def _count(dataset: BaseDataset, check: SplitCheck) -> None:
    labels: Counter = Counter()
    for index in range(len(dataset)):
        sample = dataset.get_data_info(index)
        labels[sample['gt_label']] += 1
        objects = sample.get('gt_bboxes', sample.get('mask_paths', ()))
        check.boxes += len(objects)
    labels.pop(-1, None)  # its line is among the problems
    check.images += len(dataset)
    check.classes = len(labels)
    check.known_classes = len(dataset.metainfo.get('classes') or ())


def _add(image: CheckedImage, check: SplitCheck) -> None:
    check.problems += image.problems
    check.rotated += image.rotated
    if image.size is None:
        return
    check.read += 1
    small, large = check.smallest or image.size, check.largest or image.size
    height, width = image.size
    check.smallest = min(small[0], height), min(small[1], width)
    check.largest = max(large[0], height), max(large[1], width)
