"""Pages with blocks that are written from the metafiles."""

from __future__ import annotations

import re
from pathlib import Path

from mmscm.apis.zoo.cells import TRAIN_IMAGES
from mmscm.apis.zoo.metafiles import metafiles, read_models
from mmscm.apis.zoo.tables import (
    ablation_list,
    config_table,
    result_table,
    training_table,
)
from mmscm.engine.package_files import project_root

PAGE = 'docs/model_zoo.md'


def pages() -> dict[Path, dict[str, str]]:
    """What belongs into which block of which page.

    Returns:
        dict[Path, dict[str, str]]: Markdown by the name of its block, by
        file: the zoo's page and the README beside each metafile.
    """
    root, models = project_root(), read_models()
    found = {
        root / PAGE: {
            'published': result_table(models, measured=False),
            'measured': result_table(models, measured=True),
            **{data: training_table(models, data) for data in TRAIN_IMAGES},
        }
    }
    for path in metafiles():
        readme = path.parent / 'README.md'
        name = readme.relative_to(root).as_posix()
        blocks = {'configs': config_table(read_models(path), name)}
        ablations = ablation_list(read_models(path), name)
        if ablations:
            blocks['ablations'] = ablations
        found[readme] = blocks
    return found


def filled(page: Path, blocks: dict[str, str]) -> str:
    """The text of a page with its blocks replaced.

    Args:
        page (Path): Has ``<!-- begin NAME -->`` and ``<!-- end NAME -->``
            once for every block.
        blocks (dict[str, str]): Markdown by NAME.

    Returns:
        str: The new text; nothing is written.
    """
    if not page.is_file():
        raise FileNotFoundError(
            f'Expected the page {page}, but got no such file. Pages are '
            'written in a checkout; a wheel has none.'
        )
    text = page.read_text()
    for name, block in blocks.items():
        begin, end = f'<!-- begin {name} -->', f'<!-- end {name} -->'
        parts = re.split(f'({re.escape(begin)}|{re.escape(end)})', text)
        if parts[1::2] != [begin, end]:
            raise ValueError(
                f'Expected one block from `{begin}` to `{end}` in {page}, '
                f'but got {parts[1::2]}.'
            )
        parts[2] = f'\n\n{block}\n\n'
        text = ''.join(parts)
    return text
