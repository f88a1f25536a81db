"""Reading annotations of the size of ILSVRC: seconds and memory."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from mmengine.dataset import BaseDataset
from torch.utils.data import DataLoader, Dataset

WORKERS = 2
SAMPLED = 16  # workers read every 16th entry, which is on every page


def read_lists(entries: int, boxed: bool) -> dict:
    """Read generated lists in a fresh process.

    Args:
        entries (int): Number of images.
        boxed (bool): With one box each.

    Returns:
        dict: 'entries', 'boxed', CPU 'seconds', and in MB 'import', the
        process before reading, 'peak', the most it takes while it reads,
        'stored', what the workers share, and 'copied', what the private
        memory of a worker grows by while it reads samples.
    """
    with TemporaryDirectory() as folder:
        _write_lists(Path(folder), entries, boxed)
        source = f'from {__name__} import report_reading as report; report'
        command = f'{source}({folder!r}, {boxed})'
        found = subprocess.run(
            [sys.executable, '-W', 'ignore', '-c', command],
            capture_output=True,
            text=True,
            check=True,
        )
    names = ('seconds', 'import', 'peak', 'stored', 'copied')
    # imports may print too
    values = map(float, found.stdout.splitlines()[-1].split())
    return {
        'entries': entries,
        'boxed': boxed,
        **dict(zip(names, values, strict=True)),
    }


def report_reading(folder: str, boxed: bool) -> None:
    """Read lists and print seconds and memory in MB, for `read_lists`."""
    from mmscm.datasets import WSOLMetadata

    before, start = _peak(), time.process_time()
    dataset = WSOLMetadata(
        data_root=folder,
        split_folder='lists',
        localization='boxes' if boxed else 'none',
        num_classes=1000,
    )
    seconds = time.process_time() - start
    peak, stored = _peak(), dataset.data_bytes.nbytes / 1e6
    readers = DataLoader(
        _Readers(dataset), batch_size=None, num_workers=WORKERS
    )
    print(seconds, before, peak, stored, max(readers))


class _Readers(Dataset):
    """One entry a worker: the growth of its private memory in MB."""

    def __init__(self, dataset: BaseDataset) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        return WORKERS

    def __getitem__(self, index: int) -> float:
        before = _private()
        for entry in range(index, len(self.dataset), SAMPLED):
            self.dataset.get_data_info(entry)
        return _private() - before


def _peak() -> float:
    """Peak resident memory; that of ``getrusage`` starts at the parent's."""
    return _kilobytes('status', 'VmHWM') / 1e3


def _private() -> float:
    return _kilobytes('smaps_rollup', 'Private_Dirty') / 1e3


def _kilobytes(file: str, key: str) -> int:
    text = Path('/proc/self', file).read_text(encoding='utf-8')
    (size,) = re.findall(rf'{key}:\s*(\d+) kB', text)
    return int(size)


def _write_lists(folder: Path, entries: int, boxed: bool) -> None:
    ids = [
        f'train/n{i % 1000:08}/n{i % 1000:08}_{i}.JPEG' for i in range(entries)
    ]
    labels = [f'{key},{i % 1000}' for i, key in enumerate(ids)]
    folder = folder / 'lists'
    folder.mkdir()
    (folder / 'image_ids.txt').write_text('\n'.join(ids))
    (folder / 'class_labels.txt').write_text('\n'.join(labels))
    if boxed:
        boxes = [f'{key},10,20,300,310' for key in ids]
        (folder / 'localization.txt').write_text('\n'.join(boxes))
