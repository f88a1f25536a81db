"""Checkpoints from the web, as files in torch's cache."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from mmengine.dist import barrier, get_rank
from torch import hub


def fetch(url: str) -> str:
    """Download a file once; the first process does it for those beside it.

    Args:
        url (str): Address, http or https.

    Returns:
        str: Path of the file, where torch and the host keep theirs.
    """
    name = PurePosixPath(urlsplit(url).path).name
    if name in ('', '..'):
        raise ValueError(
            f'Expected the address of a checkpoint file, but got {url}.'
        )
    path = Path(hub.get_dir(), 'checkpoints', name)
    if get_rank() == 0:
        _download(url, path)
    barrier()
    _download(url, path)  # on machines that do not share the folder
    return str(path)


def _download(url: str, path: Path) -> None:
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        hub.download_url_to_file(url, str(path))
