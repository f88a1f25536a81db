"""Read what a test stored of every image."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from mmscm.apis.results.image_recorder import FOLDER
from mmscm.engine.archives import members
from mmscm.evaluation.breakdown import size_name
from mmscm.evaluation.error_split import top1_error
from mmscm.evaluation.protocols import WSOLEVAL
from mmscm.functional.boxes import pairwise_iou

MAX_BYTES = 2**26  # of the arrays in a file; 512 images have about 8 MB


@dataclass
class ImageRecord:
    """One image of a test at one threshold.

    Attributes:
        name (str): Path of the image, or its number.
        label (int): True class.
        top5 (list[int]): Predicted classes, the most probable first.
        size (tuple[int, int]): Height and width of the network input.
        box (np.ndarray): Box of the map of the true class, (4,).
        true_boxes (np.ndarray): xyxy in pixels of the input, (M, 4).
        iou (float): Largest IoU of the box with a true one.
        error (str): One of :data:`mmscm.evaluation.ERRORS`.
        picture (bytes): JPEG of the input, empty where none was kept.
        map (bytes): PNG of the map of the true class, grey, patches.
    """

    name: str
    label: int
    top5: list[int]
    size: tuple[int, int]
    box: np.ndarray
    true_boxes: np.ndarray
    iou: float
    error: str
    picture: bytes
    map: bytes

    @property
    def size_group(self) -> str:
        """Group by the share of the image that the object covers."""
        return size_name(self.true_boxes, self.size)


@dataclass
class RunImages:
    """All images of a test.

    Attributes:
        classes (list[str]): Names of the classes, may be empty.
        cam_thr (float): Threshold of the boxes.
        images (list[ImageRecord]): In the order of the data set.
    """

    classes: list[str]
    cam_thr: float
    images: list[ImageRecord]

    def class_name(self, label: int) -> str:
        """Name of a class, or its number."""
        known = 0 <= label < len(self.classes)
        return self.classes[label] if known else f'class {label}'


def read_records(work_dir: str | Path, cam_thr: float) -> RunImages:
    """Images of the last test in a work directory.

    Args:
        work_dir (str | Path): Where ``tools/test.py`` wrote.
        cam_thr (float): The nearest stored threshold is taken.

    Returns:
        RunImages: Each image once, also after a test on several GPUs.
    """
    folder = Path(work_dir, FOLDER)
    if not (folder / 'about.json').is_file():
        raise FileNotFoundError(
            f'Expected records of images in {folder}, but there are none. '
            f'tools/test.py CONFIG CHECKPOINT --work-dir {work_dir} writes '
            'them.'
        )
    about = json.loads((folder / 'about.json').read_text())
    thrs = np.array(about['cam_thrs'])
    step = int(np.abs(thrs - cam_thr).argmin())
    images: dict[int, ImageRecord] = {}
    for path in sorted(folder.glob('part_*.npz')):
        images |= _images(_arrays(path), step)
    ordered = [images[index] for index in sorted(images)]
    return RunImages(about['classes'], float(thrs[step]), ordered)


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """All arrays of a file; it may come from someone else."""
    try:
        claimed = sum(member.file_size for member in members(path))
        if claimed > MAX_BYTES:
            raise ValueError(f'it would unpack to {claimed} bytes')
        with np.load(path, allow_pickle=False) as part:
            return dict(part)
    # a broken file breaks the reader anywhere
    except (OSError, ValueError, EOFError, MemoryError, BadZipFile) as error:
        raise ValueError(
            f'Expected arrays of tools/test.py in {path}, at most '
            f'{MAX_BYTES} bytes of them, but got: {error}.'
        ) from error


def _images(part: dict[str, np.ndarray], step: int) -> dict[int, ImageRecord]:
    true_boxes = _split(part['true_boxes'], part['true_lengths'])
    pictures = _split(part['picture_bytes'], part['picture_lengths'])
    maps = _split(part['map_bytes'], part['map_lengths'])
    return {
        int(part['index'][i]): _image(
            part, i, step, true_boxes[i], pictures[i], maps[i]
        )
        for i in range(len(part['index']))
    }


def _image(
    part: dict[str, np.ndarray],
    i: int,
    step: int,
    true_boxes: np.ndarray,
    picture: np.ndarray,
    grey_map: np.ndarray,
) -> ImageRecord:
    label, top5 = int(part['label'][i]), part['top5'][i]
    height, width = part['size'][i].tolist()
    box = part['boxes'][i, step].astype(np.int64)
    truth = WSOLEVAL.true_boxes(true_boxes, (height, width))
    return ImageRecord(
        name=str(part['name'][i]),
        label=label,
        top5=top5[top5 >= 0].tolist(),
        size=(height, width),
        box=box,
        true_boxes=true_boxes,
        iou=float(pairwise_iou(box[None], truth, inclusive=True).max()),
        error=top1_error(int(top5[0]) == label, box, truth),
        picture=picture.tobytes(),
        map=grey_map.tobytes(),
    )


def _split(joined: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    return np.split(joined, np.cumsum(lengths)[:-1])
