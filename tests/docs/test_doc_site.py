"""The documentation builds strictly and needs no network."""

import os
import re
import subprocess
import sys

import pytest
from doc_blocks import ROOT, pages

# scripts, styles, fonts and pictures, not links to click on
LOADED = re.compile(
    r'<(?:script|img|iframe)\b[^>]*\bsrc="?((?:https?:)?//[^">\s]+)'
    r'|<link\b[^>]*rel="?(?:stylesheet|preconnect)[^>]*href="?'
    r'((?:https?:)?//[^">\s]+)'
)
RELATIVE_LINK = re.compile(r'\]\((?!https?:|#|mailto:)([^)#\s]+)')


@pytest.fixture(scope='module')
def site(tmp_path_factory):
    """The built site; every request to a network would fail."""
    pytest.importorskip('material', reason='requirements/docs.txt')
    folder = tmp_path_factory.mktemp('site')
    nowhere = dict.fromkeys(('http_proxy', 'https_proxy'), 'http://[::1]:9')
    command = [sys.executable, '-m', 'mkdocs', 'build', '--strict']
    done = subprocess.run(
        [*command, '--site-dir', str(folder)],
        cwd=ROOT,
        env={**os.environ, **nowhere, 'NO_MKDOCS_2_WARNING': '1'},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.slow
def test_every_page_is_built_and_loads_nothing_from_a_network(site):
    for path in pages()[1:]:
        page = path.relative_to(ROOT / 'docs').with_suffix('.html')
        assert not LOADED.search((site / page).read_text()), page
    for style in site.rglob('*.css'):
        assert not re.search(r'url\(["\']?https?:', style.read_text()), style


@pytest.mark.slow
def test_equations_and_signatures_are_in_the_pages(site):
    equations = (site / 'method' / 'equations.html').read_text()
    assert equations.count('<math') > 20
    assert '\\frac' not in equations
    assert 'num_iters' in (site / 'api' / 'models.html').read_text()


def test_links_between_files_of_the_repository_lead_somewhere():
    for path in [*pages(), *ROOT.glob('configs/*/README.md')]:
        for target in RELATIVE_LINK.findall(path.read_text()):
            assert (path.parent / target).exists(), f'{path}: {target}'
