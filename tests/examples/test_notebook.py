"""The notebook runs from its first cell to its pictures."""

from pathlib import Path

import pytest

nbclient = pytest.importorskip('nbclient', reason='requirements/tests.txt')
pytest.importorskip('ipykernel', reason='requirements/tests.txt')
NOTEBOOK = Path(__file__).parents[2] / 'examples' / 'toy_objects.ipynb'


@pytest.mark.slow
def test_the_notebook_trains_and_draws_boxes(tmp_path):
    import nbformat

    notebook = nbformat.read(NOTEBOOK, 4)
    assert not any(cell.get('outputs') for cell in notebook.cells)
    (parameters,) = (
        cell for cell in notebook.cells if cell.metadata.get('tags')
    )
    parameters.source = 'images, epochs = 80, 1'
    resources = {'metadata': {'path': tmp_path}}
    nbclient.NotebookClient(notebook, resources=resources).execute()
    printed, drawn = (cell.outputs[-1] for cell in notebook.cells[-2:])
    assert printed.text.count('mark') == 4
    assert 'image/png' in drawn.data
