"""List the images of class folders, and count what is passed over."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from .annotations import README

IMAGE_SUFFIXES = ('.bmp', '.jpeg', '.jpg', '.png', '.tif', '.tiff', '.webp')


def list_class_folders(root: Path) -> tuple[dict[str, list[str]], list[str]]:
    """File names by visible folder of a folder, both sorted.

    And what else is there, as '2 files with suffix .gif'. Hidden files and
    folders, whose names begin with a dot, are not mentioned.
    """
    if not root.is_dir():
        raise FileNotFoundError(
            f'{root}: Expected a folder, but there is none. {README}'
        )
    images, others = {}, Counter()
    for folder in visible(root):
        if not folder.is_dir():
            others['files beside the class folders'] += 1
            continue
        names = images[folder.name] = []
        for path in visible(folder):
            suffix = path.suffix.lower()
            if suffix in IMAGE_SUFFIXES:
                names.append(path.name)
            elif path.is_dir():
                others['folders within class folders'] += 1
            else:
                others[f'files with suffix {suffix or "none"}'] += 1
    return images, [f'{count} {kind}' for kind, count in others.items()]


def visible(folder: Path) -> list[Path]:
    """Files and folders whose names begin with no dot, sorted."""
    return sorted(p for p in folder.iterdir() if not p.name.startswith('.'))
