"""What the data sets of image files have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from mmpretrain.datasets import BaseDataset
from torch import Tensor

from .load_image import LoadImage
from .needed_paths import NeededPath, needed_by_the_host
from .problems import AnnotationError, ImageError, report
from .sample_table import SampleTable

NO_IMAGES = 'Expected images in the data set, but there is none.'


class LocalizationDataset(BaseDataset):
    """Samples that stay in columns, and images that may be bad.

    A :class:`~mmscm.datasets.sample_table.SampleTable` is what workers share,
    so that mmengine does not serialise it. A list of dicts, as ``filter_data``
    of a subclass may return, is serialised as in every other data set.

    Args:
        skip_bad_images (bool): Where ``mmscm.LoadImage`` cannot read an
            image in training, take another one, drawn at random, and set its
            flag in :attr:`skipped`. Without it, and in every test, a bad
            image is an error that names the file.
        **kwargs: Arguments of the host's ``BaseDataset``.

    Attributes:
        skipped (Tensor | None): 1 for each bad image met, uint8, shape (N,),
            in memory that the workers share; None without the option.
    """

    skipped: Tensor | None = None

    def __init__(self, skip_bad_images: bool = False, **kwargs) -> None:
        self.skip_bad_images = skip_bad_images
        if skip_bad_images and kwargs.get('test_mode'):
            raise ValueError(
                'Expected `skip_bad_images` in training only, but got it with '
                '`test_mode`. Left out images would change the metrics.'
            )
        super().__init__(**kwargs)
        loads = any(isinstance(t, LoadImage) for t in self.pipeline.transforms)
        if skip_bad_images and not loads:
            raise ValueError(
                'Expected `mmscm.LoadImage` in the pipeline for '
                '`skip_bad_images`, but got none.'
            )

    @classmethod
    def needed_paths(cls, **arguments: Any) -> Iterator[NeededPath]:
        """What has to be on disk before the data set can be built.

        Args:
            **arguments: Of the constructor, ``data_root`` among them.

        Returns:
            Iterator[NeededPath]: What others follow from comes first.
        """
        return needed_by_the_host(**arguments)

    def full_init(self) -> None:
        """Read the annotations, once."""
        if self._fully_initialized:
            return
        wanted, self.serialize_data = self.serialize_data, False
        super().full_init()
        if not len(self):
            source = self.ann_file or self.img_prefix
            report(AnnotationError.at(source, NO_IMAGES))
        elif wanted and isinstance(self.data_list, list):
            self.data_bytes, self.data_address = self._serialize_data()
            self.serialize_data = True
        self._share_flags()

    def get_subset_(self, indices: Sequence[int] | int) -> None:
        """Keep some samples only, as in the host's."""
        super().get_subset_(indices)
        self._share_flags()

    def get_subset(self, indices: Sequence[int] | int) -> LocalizationDataset:
        """Another data set of some of the samples, as in the host's."""
        subset = super().get_subset(indices)
        subset._share_flags()
        return subset

    def prepare_data(self, idx: int) -> dict | None:
        """A sample after the pipeline, None for an image that is skipped."""
        try:
            return super().prepare_data(idx)
        except ImageError:
            if self.skipped is None:
                raise
            self.skipped[idx] = 1
            if self.skipped.all():
                raise
            return None

    def _share_flags(self) -> None:
        if self.skip_bad_images:
            flags = torch.zeros(len(self), dtype=torch.uint8)
            self.skipped = flags.share_memory_()

    def _get_unserialized_subset(
        self, indices: Sequence[int] | int
    ) -> Sequence:
        if isinstance(indices, Sequence) and isinstance(
            self.data_list, SampleTable
        ):
            return self.data_list.take(indices)
        return super()._get_unserialized_subset(indices)
