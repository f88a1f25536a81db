"""Miniatures of the archives that data sets are distributed as."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from mat_struct import struct_array

XML = (
    '<annotation><object><name>{}</name><bndbox><xmin>1</xmin><ymin>2</ymin>'
    '<xmax>3</xmax><ymax>4</ymax></bndbox></object></annotation>'
)


def picture(width: int, height: int, suffix: str = '.jpg') -> bytes:
    """An encoded grey image."""
    image = np.full((height, width, 3), 90, np.uint8)
    return cv2.imencode(suffix, image)[1].tobytes()


def tar_bytes(files: Mapping[str, bytes], mode: str = 'w') -> bytes:
    """An archive of files, for archives within archives."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def write_tar(path: Path, files: Mapping[str, bytes]) -> None:
    """``.tar``, or compressed with any other suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = 'w' if path.suffix == '.tar' else 'w:gz'
    path.write_bytes(tar_bytes(files, mode))


def write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, 'w') as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def write_ilsvrc(downloads: Path, num_classes: int) -> None:
    """One val and one train image a class, val from the last class on."""
    synsets = [f'n{i:08d}' for i in range(num_classes)]
    jpeg = picture(8, 6)
    classes = {
        f'ILSVRC2012_val_{i:08d}': synset
        for i, synset in enumerate(reversed(synsets), 1)
    }
    write_tar(
        downloads / 'ILSVRC2012_img_val.tar',
        {f'{name}.JPEG': jpeg for name in classes},
    )
    write_tar(
        downloads / 'ILSVRC2012_bbox_val_v3.tgz',
        {f'val/{k}.xml': XML.format(s).encode() for k, s in classes.items()},
    )
    write_tar(
        downloads / 'ILSVRC2012_img_train.tar',
        {f'{s}.tar': tar_bytes({f'{s}_1.JPEG': jpeg}) for s in synsets},
    )
    numbered = list(enumerate(classes.values(), 1))
    folder = 'ILSVRC2012_devkit_t12/data'
    fields = ('ILSVRC2012_ID', 'WNID')
    write_tar(
        downloads / 'ILSVRC2012_devkit_t12.tar.gz',
        {
            f'{folder}/meta.mat': struct_array('synsets', fields, numbered),
            f'{folder}/ILSVRC2012_validation_ground_truth.txt': ''.join(
                f'{number}\n' for number, _ in numbered
            ).encode(),
        },
    )
