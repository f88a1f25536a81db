"""Shell blocks that the tests do not run say so in their title.

`shell-data` needs data, GPUs or a network, `shell-serves` runs until it is
stopped, `shell-long` takes minutes or more; all blocks marked `shell` are run
by tests.
"""

from __future__ import annotations

import re

TITLES = {
    'data': 'Needs data, GPUs or a network; not run by the tests',
    'long': 'Takes minutes or more; not run by the tests',
    'serves': 'Runs until it is stopped; not run by the tests',
}
FENCE = re.compile(r'^```shell-(data|long|serves)$', re.MULTILINE)


def on_page_markdown(markdown: str, **kwargs) -> str:
    """Highlight these blocks as shell, below a title; called by mkdocs."""
    return FENCE.sub(
        lambda match: f'```shell title="{TITLES[match[1]]}"', markdown
    )
