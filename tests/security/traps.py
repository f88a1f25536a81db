"""Files that do harm where they are read without care."""

import os
import zipfile
from pathlib import Path

import torch


class Trap:
    """Makes a folder when it is unpickled, as ``os.system`` could."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def trapped_checkpoint(folder: Path) -> tuple[Path, Path]:
    """A checkpoint with a trap in it, and what the trap would make."""
    path, harm = folder / 'evil.pth', folder / 'harm'
    torch.save({'state_dict': {}, 'meta': Trap(harm)}, path)
    return path, harm


def inflating_archive(path: Path, member: str, megabytes: int) -> Path:
    """A zip file of a few kilobytes that unpacks to many megabytes."""
    kind = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, 'w', kind, compresslevel=1) as archive:
        archive.writestr(member, bytes(megabytes * 2**20))
    return path
