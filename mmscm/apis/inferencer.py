"""Localize objects in photographs: classes, maps, boxes in their pixels."""

from __future__ import annotations

import logging
import os
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import mmcv
import numpy as np
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.dataset import default_collate
from mmengine.logging import print_log
from mmpretrain.apis import ImageClassificationInferencer
from mmpretrain.models import ImageClassifier
from mmpretrain.structures import DataSample
from rich.progress import track

from mmscm.apis.localization import Localization, localize, rescale
from mmscm.apis.model_zoo import get_model, list_models, load_weights
from mmscm.apis.photos import SUFFIXES, Photo, find_photos
from mmscm.engine.thresholds import thresholds_of
from mmscm.evaluation.score import EDGE
from mmscm.models import BoxLocalizer, DDTLocalizer, KeyLocalizer
from mmscm.visualization.panels import overlay, resize_longest

DEFAULT_CAM_THR = 0.2
OBJECT = 'object'  # name of what a model without classes finds
LOADERS = ('LoadImage', 'LoadImageFromFile')
CROPS = ('CenterCrop', 'RandomCrop', 'RandomResizedCrop', 'ResizeEdge')
WORKERS = min(16, os.cpu_count() or 1)  # OpenCV decodes without the GIL
THREADS = 'mmscm-photos'  # prefix of their names
PICTURE_SIDE = 480  # longer side of a panel in `show_dir`, pixels


class LocalizationInferencer(ImageClassificationInferencer):
    """Classify and localize images.

    Args:
        model (str | Path | Config | ImageClassifier): A name of
            :func:`mmscm.list_models`, a config file, or a model.
        weights (str | Path, optional): Checkpoint, file or URL. Needed
            unless ``model`` is a model or its config has ``load_from``.
        device (str | torch.device, optional): Default is a GPU if any.
        classes (Sequence[str], optional): Names of the classes. Default is
            those of the checkpoint.
        cam_thr (float, optional): Threshold of the boxes, a fraction of the
            maximum of the map. Default is the one stored in the checkpoint
            for GT-Known, or 0.2.
    """

    def __init__(
        self,
        model: str | Path | Config | ImageClassifier,
        weights: str | Path | None = None,
        device: str | torch.device | None = None,
        classes: Sequence[str] | None = None,
        cam_thr: float | None = None,
    ) -> None:
        device = device or ('cuda' if torch.cuda.is_available() else 'cpu')
        model = _trained_model(model, weights).to(device)
        if not model.with_head and not isinstance(model, DDTLocalizer):
            classes = classes or [OBJECT]
        super().__init__(model, False, device, classes)
        if self.classes and len(self.classes) != self.num_classes:
            raise ValueError(
                f'Expected names of {self.num_classes} classes, but got '
                f'{len(self.classes)}: {list(self.classes)[:5]}.'
            )
        self.cam_thr = _own_threshold(model) if cam_thr is None else cam_thr

    def __call__(
        self,
        inputs: Any,
        return_datasamples: bool = False,
        batch_size: int = 1,
        *,
        target: int | str | None = None,
        progress: bool = True,
        **options: Any,
    ) -> list[Localization] | list[DataSample]:
        """Localize one object an image; other options are those of `stream`.

        Args:
            inputs (Any): A path, a folder (with all below it), a URL, an
                array (H, W, 3) of uint8 in BGR, a PIL image, or a list.
            return_datasamples (bool): Return the model's own samples, which
                have maps and no boxes.
            batch_size (int): Images a forward pass.
            target (int | str, optional): See :meth:`stream`.
            progress (bool): Show a progress bar.
        """
        photos = find_photos(inputs)
        options |= dict(batch_size=batch_size, target=target)
        found: Iterable[Any]
        if return_datasamples:
            found = (s for _, s in self._predict(iter(photos), **options))
        else:
            found = self.stream(iter(photos), **options)
        if progress:
            found = track(found, 'Inference', len(photos))
        return list(found)

    def stream(
        self,
        inputs: Any,
        batch_size: int = 1,
        *,
        target: int | str | Callable[[str], int | str] | None = None,
        cam_thr: float | None = None,
        all_objects: bool = False,
        min_area: float = 0.0,
        max_area: float = 1.0,
        return_maps: bool = False,
        show_dir: str | Path | None = None,
        failures: list[str] | None = None,
    ) -> Iterator[Localization]:
        """Localize images one after the other, in constant memory.

        Args:
            inputs (Any): See :meth:`__call__`, or an iterator of
                :class:`Photo`.
            batch_size (int): Images a forward pass; twice as many are
                decoded ahead.
            target (int | str | Callable, optional): Class to localize, index
                or name, or what gives it from the name of an image; default
                is the most probable of each image.
            cam_thr (float, optional): Threshold of this call.
            all_objects (bool): A box for every separate part of the map
                above the threshold, not for the largest only.
            min_area (float): Drop smaller boxes, fraction of the image.
            max_area (float): Drop larger boxes, fraction of the image.
            return_maps (bool): Add ``map``, float32 in [0, 1] at the size
                of the original image.
            show_dir (str | Path, optional): Folder for one picture an image.
            failures (list[str], optional): Takes what is wrong with an image
                that cannot be read; without it, the first one raises.
        """
        thr = self.cam_thr if cam_thr is None else cam_thr
        side = 0 if show_dir is None else PICTURE_SIDE
        predicted = self._predict(inputs, batch_size, target, side, failures)
        with closing(predicted):
            for loaded, sample in predicted:
                label = loaded.label
                label = int(sample.pred_label) if label is None else label
                areas = min_area, max_area
                found = localize(sample, label, thr, all_objects, areas)
                score_map = found.pop('score_map')
                result = Localization(
                    self.postprocess([sample], [])[0],
                    name=loaded.photo.name,
                    cam_thr=thr,
                    topk=self.ranking(sample.pred_score),
                    **found,
                )
                result['class'] = self.class_name(label)
                if return_maps:
                    width_height = result['size'][::-1]
                    result['map'] = cv2.resize(score_map, width_height)
                if show_dir is not None:
                    path = picture_path(show_dir, result['name'])
                    _check_other_file(path, loaded.photo.source)
                    picture = draw(loaded.thumbnail, result, score_map)
                    mmcv.imwrite(picture[..., ::-1], str(path))
                yield result

    def fit(
        self,
        inputs: Any,
        target: Callable[[str], int | str],
        batch_size: int = 1,
        failures: list[str] | None = None,
    ) -> None:
        """Let DDT see the images of every class before it localizes them.

        Args:
            inputs (Any): See :meth:`stream`.
            target (Callable): What gives the class of each image from its
                name: an index, or a name of its own; all those, sorted, are
                then the classes.
            batch_size (int): Images a forward pass.
            failures (list[str], optional): See :meth:`stream`.
        """
        if not isinstance(self.model, DDTLocalizer):
            raise ValueError(
                'Expected mmscm.DDTLocalizer, which is fitted to the images '
                f'that it localizes, but got {type(self.model).__name__}.'
            )
        members: dict[Any, list[Photo]] = defaultdict(list)
        for photo in _listed(inputs):
            members[target(photo.name)].append(photo)
        targets = sorted(members)
        named = isinstance(targets[-1], str)
        self.classes = targets if named else None
        self.model.forget(len(targets) if named else targets[-1] + 1)
        for index, given in enumerate(targets):
            photos = iter(members[given])
            batches = self._batches(photos, batch_size, None, 0, failures)
            label = index if named else given
            self.model.fit(label, (data for _, data in batches))

    @torch.no_grad()
    def forward(
        self, inputs: dict, labels: Sequence[int] = ()
    ) -> list[DataSample]:
        """Predict a batch, with maps of ``labels`` beside the top five."""
        data = self.model.data_preprocessor(inputs, False)
        return self.model.predict(**data, labels=labels)

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the network input, pixels."""
        data = self.load(np.zeros((8, 8, 3), np.uint8))
        return tuple(data['inputs'].shape[-2:])

    def load(self, image: np.ndarray) -> dict:
        """What the network takes for one image, BGR, shape (H, W, 3)."""
        shape = image.shape[:2]
        return self.pipeline(dict(img=image, img_shape=shape, ori_shape=shape))

    @property
    def num_classes(self) -> int:
        """C of the model, 1 of one that knows no classes."""
        owner = self.model.head if self.model.with_head else self.model
        return getattr(owner, 'num_classes', 1)

    def class_name(self, label: int) -> str:
        """Name of a class, or its number if there are no names."""
        return self.classes[label] if self.classes else f'class {label}'

    def class_index(self, target: int | str | None) -> int | None:
        """Index of a class given by index or name; None stays None."""
        names = list(self.classes or ())
        if target is None or target in names:
            return None if target is None else names.index(target)
        if str(target) not in map(str, range(self.num_classes)):
            word = str(target).lower()
            near = [name for name in names if word in name.lower()] or names
            raise ValueError(
                f'Expected `target` to be one of the classes {near[:20]} or '
                f'from 0 to {self.num_classes - 1}, but got {target!r}.'
            )
        return int(target)

    def ranking(
        self, scores: torch.Tensor, topk: int = 5
    ) -> list[dict[str, Any]]:
        """Label, class and score of the best of probabilities (C,)."""
        best, labels = scores.topk(min(topk, len(scores)))
        return [
            {'label': i, 'class': self.class_name(i), 'score': score}
            for i, score in zip(labels.tolist(), best.tolist(), strict=True)
        ]

    @staticmethod
    def list_models(pattern: str | None = None) -> list[str]:
        """Names that ``model`` takes."""
        return list_models(pattern or '*')

    def _predict(
        self, *args: Any, **kwargs: Any
    ) -> Generator[tuple[_Loaded, DataSample], None, None]:
        """Predict what :meth:`_batches` loads, in the order given."""
        with closing(self._batches(*args, **kwargs)) as batches:
            for batch, data in batches:
                labels = {x.label for x in batch if x.label is not None}
                samples = self.forward(data, sorted(labels))
                for loaded, sample in zip(batch, samples, strict=True):
                    if 'pred_score' not in sample:  # known, or there is none
                        label = torch.tensor(loaded.label or 0)
                        score = F.one_hot(label, self.num_classes).float()
                        sample.set_pred_score(score).set_pred_label(label)
                    yield loaded, sample

    def _batches(
        self,
        inputs: Any,
        batch_size: int,
        target: Any,
        side: int = 0,
        failures: list[str] | None = None,
    ) -> Generator[tuple[list[_Loaded], dict], None, None]:
        """Decode in threads, collate in batches, in the order given."""

        def load(photo: Photo) -> _Loaded | Exception:
            name = target(photo.name) if callable(target) else target
            label = self.class_index(name)
            try:
                image = photo.read()
            except (OSError, ValueError) as error:
                return error
            small = resize_longest(image[..., ::-1], side) if side else None
            return _Loaded(photo, label, self.load(image), small)

        if batch_size < 1:
            raise ValueError(
                f'Expected `batch_size` of 1 or more, but got {batch_size}.'
            )
        pool = ThreadPoolExecutor(WORKERS, THREADS)
        try:
            jobs = _ahead(pool, load, _listed(inputs), 2 * batch_size)
            readable = _readable(jobs, failures)
            for batch in self._get_chunk_data(readable, batch_size):
                yield batch, default_collate([each.data for each in batch])
        finally:  # this may run in any thread, which must not wait
            pool.shutdown(wait=False, cancel_futures=True)

    def _init_pipeline(self, cfg: Config) -> Callable:
        """The config's test pipeline, resizing where it does not."""
        size = getattr(self.model.backbone, 'img_size', None)
        return super()._init_pipeline(whole_image_pipeline(cfg, size))


class _Loaded(NamedTuple):
    """A photo ready for the network."""

    photo: Photo
    label: int | None  # class to localize
    data: dict
    thumbnail: Any  # RGB, for a picture, or None


def _listed(inputs: Any) -> Iterable[Photo]:
    return inputs if isinstance(inputs, Iterator) else find_photos(inputs)


def _ahead(
    pool: ThreadPoolExecutor, load: Callable, photos: Iterable, count: int
) -> Iterator[Future]:
    """Load in threads, in order, at most ``count`` photos ahead."""
    jobs: deque[Future] = deque()
    for photo in photos:
        jobs.append(pool.submit(load, photo))
        if len(jobs) > count:
            yield jobs.popleft()
    yield from jobs


def _readable(
    jobs: Iterable[Future], failures: list[str] | None
) -> Iterator[_Loaded]:
    """What could be read; the first error raises, or all are listed."""
    for job in jobs:
        loaded = job.result()
        if isinstance(loaded, _Loaded):
            yield loaded
        elif failures is None:
            raise loaded
        else:
            failures.append(str(loaded))


def draw(
    image: np.ndarray, result: Localization, score_map: np.ndarray
) -> np.ndarray:
    """Draw an RGB image and its map, of any sizes, with boxes and class."""
    boxes = rescale(result['bboxes'], result['size'], image.shape[:2])
    caption = f'{result["class"]} {result["score"]:.2f}'
    return overlay(image, score_map, boxes, caption)


def picture_path(folder: str | Path, name: str) -> Path:
    """JPEG of an image; its folder and suffix keep names distinct."""
    path = Path(folder, name)
    copied = Path(path.stem).suffix.lower() in SUFFIXES  # of x.png, x.png.jpg
    if path.suffix.lower() in ('.jpg', '.jpeg') and not copied:
        return path
    return path.with_name(f'{path.name}.jpg')


def _check_other_file(path: Path, source: Any) -> None:
    """Refuse to draw over the photo itself."""
    if path.exists() and isinstance(source, Path) and path.samefile(source):
        raise ValueError(
            'Expected `show_dir` to be another folder than that of the '
            f'photos, but got {path}, which is one.'
        )


def _trained_model(
    model: str | Path | Config | ImageClassifier, weights: str | Path | None
) -> ImageClassifier:
    """A model with weights; only one that is given built may lack them."""
    if not isinstance(model, ImageClassifier):
        if weights is None and f'{model}_public' in list_models():
            model = f'{model}_public'  # that of a name to be trained
        name, model = model, get_model(model)
        weights = weights or model._config.get('load_from')
        if weights is None:
            raise ValueError(
                f'Expected `weights` for the model {name}, but got none. '
                'Training writes checkpoints into its work directory.'
            )
    if weights is not None:
        load_weights(model, weights)
    return model


def whole_image_pipeline(
    cfg: Config, img_size: int | Sequence[int] | None
) -> Config:
    """The test data loader with a pipeline for loaded images of any size.

    ``img_size``, height and width, is for a pipeline that does not resize
    because its data set draws its images; default is that of the data set.
    """
    cfg = Config(dict(test_dataloader=deepcopy(cfg.test_dataloader)))
    dataset = cfg.test_dataloader.dataset
    img_size = img_size or dataset.get('img_size')
    kinds = [step['type'].split('.')[-1] for step in dataset.pipeline]
    if set(kinds) & set(CROPS) or not ('Resize' in kinds or img_size):
        raise ValueError(
            'Expected a test pipeline that shows the network the whole '
            f'image, resized, but got {kinds}.'
        )
    steps = zip(dataset.pipeline, kinds, strict=True)
    dataset.pipeline = [step for step, kind in steps if kind not in LOADERS]
    if 'Resize' not in kinds:
        size = img_size if isinstance(img_size, Sequence) else (img_size,) * 2
        resize = dict(type='mmscm.Resize', scale=tuple(size)[::-1])
        dataset.pipeline = [resize, *dataset.pipeline]
    return cfg


def _own_threshold(model: ImageClassifier) -> float:
    """The threshold stored with the weights, or else 0.2 with a warning."""
    if isinstance(model, (BoxLocalizer, DDTLocalizer, KeyLocalizer)):
        return 0.0  # its boxes need none
    stored = thresholds_of(model)
    cam_thr = None if stored is None else stored.gt_known
    if cam_thr is not None and EDGE < cam_thr < 1 - EDGE:
        return cam_thr
    weights = f'the weights of {Path(model._config.filename or "-").stem}'
    warning = (
        f'No threshold is stored with {weights}; {DEFAULT_CAM_THR} is used. '
        'tools/calibrate.py chooses one on the val split.'
    )
    if cam_thr is not None:
        warning = (
            f'The threshold stored with {weights}, {cam_thr:g}, is on the '
            'edge of its grid: expect boxes of whole images or of points.'
        )
    print_log(warning, logger='current', level=logging.WARNING)
    return DEFAULT_CAM_THR if cam_thr is None else cam_thr
