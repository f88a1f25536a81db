"""Install script; the tool settings are in pyproject.toml."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent


def requirements(name: str) -> list[str]:
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text().splitlines()
    return [line.split('#')[0].strip() for line in lines if line.strip()]


def version() -> str:
    text = (ROOT / 'mmscm' / 'version.py').read_text()
    return re.search(r"__version__ = '(.+)'", text).group(1)


setup(
    name='mmscm',
    version=version(),
    description='Weakly supervised object localization on vision '
    'transformers, with Spatial Calibration (SCM)',
    long_description=(ROOT / 'README.md').read_text(),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    python_requires='>=3.10',
    packages=find_packages(include=['mmscm', 'mmscm.*']),
    package_data={'mmscm.apis.report': ['*.html', '*.css', '*.js']},
    install_requires=requirements('runtime') + requirements('mminstall'),
    extras_require={
        'tests': requirements('tests'),
        'optional': requirements('optional'),
        'demo': requirements('demo'),
    },
)
