"""Links from a page to a file of the repository lead to a page of its text.

A page says `[scm.py](../mmscm/models/necks/scm.py)`, which works in a
checkout. In the site, that file is a page of its own below `source/`.
"""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import normpath, relpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

LINK = re.compile(r'(?<=\]\()(\.\./[^)#\s]+)(#[^)\s]*)?(?=\))')
FOLDER = 'source'
LANGUAGES = {
    '.py': 'python',
    '.sh': 'shell',
    '.yml': 'yaml',
    '.md': 'markdown',
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for every file that some page links to."""
    root = Path(config.config_file_path).parent
    linked = set()
    for file in files.documentation_pages():
        for target, _ in LINK.findall(file.content_string):
            linked.add(_repository_path(target, file.src_uri))
    for path in sorted(linked - {None}):
        if (root / path).is_file():
            content = _page(path, (root / path).read_text('utf-8'))
            uri = f'{FOLDER}/{path}.md'
            files.append(File.generated(config, uri, content=content))
    return files


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Let links that leave the documentation lead to those pages."""
    here = page.file.src_uri
    if here.startswith(f'{FOLDER}/'):
        return markdown

    def rewrite(match: re.Match) -> str:
        path = _repository_path(match[1], here)
        uri = f'{FOLDER}/{path}.md'
        if path is None or files.get_file_from_path(uri) is None:
            return match[0]
        return relpath(uri, Path(here).parent.as_posix())

    return LINK.sub(rewrite, markdown)


def _repository_path(target: str, page: str) -> str | None:
    """The path of a link below the repository; None if it is in the site."""
    path = normpath(f'docs/{Path(page).parent}/{target}')
    in_site = path.startswith('docs/') and not path.endswith('.py')
    return None if in_site or path.startswith('../') else path


def _page(path: str, text: str) -> str:
    language = LANGUAGES.get(Path(path).suffix, 'text')
    fence = '`' * 4
    return (
        f'---\nsearch:\n  exclude: true\n---\n# {path}\n\n'
        f'{fence}{language}\n{text}\n{fence}\n'
    )
