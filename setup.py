"""Install script; the tool settings are in pyproject.toml."""

import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
# extra -> file below requirements/; pip cannot tell that the first two are
# alternatives, so neither is installed unless it is asked for
EXTRAS = {
    'openmmlab': 'mminstall',
    'onedl': 'onedl',
    'tests': 'tests',
    'docs': 'docs',
    'boxes': 'boxes',
    'demo': 'demo',
    'deploy': 'deploy',
    'photos': 'photos',
}


class BuildPy(build_py):
    """Puts configs and tools into wheels, where OpenMMLab's packages do."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:  # finds them in the checkout
            return
        target = Path(self.build_lib, 'mmscm', '.mim')
        shutil.rmtree(target, ignore_errors=True)
        junk = shutil.ignore_patterns('__pycache__')
        for folder in ('configs', 'tools'):
            shutil.copytree(ROOT / folder, target / folder, ignore=junk)
        shutil.copy(ROOT / 'model-index.yml', target)


def requirements(name: str) -> list[str]:
    """Lines of a file; those of the files it includes are among them."""
    found = []
    for line in (ROOT / 'requirements' / f'{name}.txt').open():
        line = line.split('#')[0].strip()
        if line.startswith('-r '):
            found += requirements(line[3:].removesuffix('.txt'))
        elif line:
            found.append(line)
    return found


def version() -> str:
    text = (ROOT / 'mmscm' / 'version.py').read_text()
    return re.search(r"__version__ = '(.+)'", text).group(1)


def long_description() -> str:
    """The README without relative pictures and links: an index has none."""
    text = (ROOT / 'README.md').read_text()
    # a picture, and its caption in italics
    image = r'!\[[^]]*\]\((?!https?:)[^)]*\)\n+(\*[^*]+\*\n+)?'
    text = re.sub(image, '', text)
    return re.sub(r'\[([^]]*)\]\((?!https?:|#)[^)]*\)', r'\1', text)


setup(
    name='mmscm',
    version=version(),
    description='Weakly supervised object localization on vision '
    'transformers, with Spatial Calibration (SCM)',
    long_description=long_description(),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    python_requires='>=3.10',
    packages=find_packages(include=['mmscm', 'mmscm.*']),
    package_data={'': ['py.typed']},
    cmdclass={'build_py': BuildPy},
    entry_points={'console_scripts': ['mmscm = mmscm.__main__:main']},
    install_requires=requirements('runtime'),
    extras_require={name: requirements(EXTRAS[name]) for name in EXTRAS},
)
