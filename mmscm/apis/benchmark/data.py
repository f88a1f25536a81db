"""The input pipeline, and lists of the size of ILSVRC."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from mmcv.transforms import Compose
from mmengine.config import Config
from mmengine.registry import init_default_scope

from .lists import read_lists
from .setting import CONFIGS, Setting
from .timing import Row, compare

# size of most CUB images, pixels
HEIGHT, WIDTH = 375, 500
TRAIN, BOXED = 1_281_167, 50_000  # ILSVRC 2012


def benchmark_data(setting: Setting, images: str = '') -> dict[str, list]:
    """Decode and augment a batch, with each decoder there is.

    Args:
        setting (Setting): Batch, rounds and clock are read.
        images (str): Folder of JPEG files; drawn ones without.

    Returns:
        dict[str, list]: 'times' (list[Row]) of a batch in one process, and
        'lists' (list of dicts), reading of annotations.
    """
    lists = [read_lists(TRAIN, boxed=False), read_lists(BOXED, boxed=True)]
    with TemporaryDirectory() as folder:
        found = sorted(Path(images).rglob('*.[jJ][pP]*')) if images else []
        paths = found[: setting.batch] or _draw(Path(folder), setting.batch)
        times = _compare_decoders(setting, [str(path) for path in paths])
    return dict(times=times, lists=lists)


def _compare_decoders(setting: Setting, paths: list[str]) -> list[Row]:
    init_default_scope('mmpretrain')
    backends = ['cv2', 'pillow']
    if find_spec('turbojpeg'):
        backends.append('turbojpeg')
    variants = {name: _pipeline(name, paths) for name in backends}
    return compare('batch', variants, setting.rounds, setting.clock)


def _pipeline(backend: str, paths: list[str]) -> Callable[[], None]:
    """The training pipeline of CUB over some files."""
    base = CONFIGS.parent / 'datasets/cub_224.py'
    steps = Config.fromfile(base).train_pipeline
    steps[0].imdecode_backend = backend
    if backend == 'turbojpeg':
        steps[0].color_type = 'color'  # it never rotates
    pipeline = Compose(steps)

    def run() -> None:
        for path in paths:
            pipeline(dict(img_path=path, gt_label=0))

    return run


def _draw(folder: Path, count: int) -> list[Path]:
    """Smooth noise as JPEG files of the size of CUB's images."""
    random = np.random.default_rng(0)
    paths = [folder / f'{index}.jpg' for index in range(count)]
    for path in paths:
        coarse = random.integers(0, 256, (48, 64, 3)).astype(np.uint8)
        cv2.imwrite(str(path), cv2.resize(coarse, (WIDTH, HEIGHT)))
    return paths
