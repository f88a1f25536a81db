"""Serve the web demo on gradio: predict once, redraw often."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import gradio as gr
import numpy as np
from webdemo_views import HINT, Models, UploadError, View

KEPT_SECONDS = 3600  # uploads
BUTTONS = ['download', 'fullscreen']
NO_BLOCKS = 'This model has no SCM blocks (TS-CAM).'


def build_demo(models: Models, examples: Sequence[str] = ()) -> gr.Blocks:
    """The page of the models that can be picked; ``launch`` it."""
    names = list(models.sources)
    # a label would lie over the upper left corner of a picture
    plain = dict(show_label=False, format='png', buttons=BUTTONS)
    with gr.Blocks(
        title='mmscm',
        analytics_enabled=False,
        delete_cache=(600, KEPT_SECONDS),
    ) as page:
        gr.Markdown('# Localize an object')
        with gr.Row():
            with gr.Column(scale=1):
                name = gr.Dropdown(names, value=names[0], label='Checkpoint')
                file = gr.File(label='Image', type='filepath')
                if examples:
                    clicked = gr.Dataset(
                        label='Examples',
                        components=['image'],
                        samples=[[path] for path in examples],
                        type='index',
                        elem_id='examples',
                    )
                    clicked.click(examples.__getitem__, clicked, file)
                ranking = gr.Radio([], label='Top classes', elem_id='ranking')
                slider = gr.Slider(
                    *(0, 1, 0.2, 0.01),
                    label='Threshold, fraction of the maximum of the map',
                    elem_id='threshold',
                )
                button = gr.Button('Show the maps of every block')
                save = gr.Button('Save the box as JSON and COCO')
                saved = gr.File(
                    label='Download', interactive=False, elem_id='saved'
                )
            with gr.Column(scale=2):
                message = gr.Markdown(HINT, elem_id='message')
                picture = gr.Image(elem_id='picture', **plain)
                blocks = gr.Image(elem_id='blocks', **plain)
        view = gr.State(None)
        shown, drawn = [message, picture], [view, ranking, slider]
        gr.on(
            [file.change, name.change],
            partial(answer, models),
            [name, file],
            [*drawn, *shown, blocks],
            concurrency_id='model',
            api_name='localize',
        )
        changes = [ranking.input, slider.input]
        gr.on(
            *(changes, redraw, drawn, shown),
            show_progress='hidden',
            trigger_mode='always_last',
        )
        gr.on(
            [file.change, name.change, *changes],
            *(lambda: None, None, saved),
            show_progress='hidden',
        )
        save.click(partial(save_box, models), drawn, saved)
        button.click(
            partial(show_blocks, models),
            [name, file, *drawn],
            blocks,
            concurrency_id='model',
            api_name='show_blocks',
        )
    return page


def show_blocks(
    models: Models,
    name: str,
    path: str | None,
    view: View | None,
    choice: str | None,
    cam_thr: float,
) -> np.ndarray | None:
    """Picture of the maps of every block; None where there are none."""
    if view is None or path is None:
        gr.Warning(HINT)
        return None
    label = view.ranked[view.index(choice)]['label']
    figure = models.blocks(name, path, label, cam_thr)
    if figure is None:
        gr.Info(NO_BLOCKS)
    return figure


def save_box(
    models: Models, view: View | None, choice: str | None, cam_thr: float
) -> list[str] | None:
    """Files of the box; None without a picture."""
    if view is None:
        gr.Warning(HINT)
        return None
    return view.save(choice, cam_thr, models.new_folder())


def answer(models: Models, name: str, path: str | None) -> tuple[Any, ...]:
    """View, ranking, threshold, message, picture and no blocks."""
    nothing = None, gr.Radio([], value=None), gr.Slider()
    if path is None:
        return *nothing, HINT, None, None
    try:
        view = models.predict(name, path)
    except UploadError as error:
        gr.Warning(str(error))
        return *nothing, str(error), None, None
    choices, thr = view.choices(), view.cam_thr
    ranking = gr.Radio(choices, value=choices[0])
    return view, ranking, gr.Slider(value=thr), *view.draw(None, thr), None


def redraw(
    view: View | None, choice: str | None, cam_thr: float
) -> tuple[str, np.ndarray | None]:
    """Message and picture at another class or threshold; no model runs."""
    return (HINT, None) if view is None else view.draw(choice, cam_thr)


def launch(
    models: Models,
    host: str = '127.0.0.1',
    port: int | None = 7860,
    max_mb: int = 10,
    block: bool = True,
    examples: Sequence[str] = (),
) -> gr.Blocks:
    """Serve the page.

    Args:
        models (Models): What can be picked.
        host (str): Address to listen on; the default is this machine only.
        port (int, optional): Port; None takes a free one.
        max_mb (int): Limit of an upload, megabytes.
        block (bool): Return only when the server ends.
        examples (Sequence[str]): Images to click.
    """
    page = build_demo(models, examples)
    # no fonts from elsewhere
    theme = gr.themes.Default(font=['sans-serif'], font_mono=['monospace'])
    page.launch(
        server_name=host,
        server_port=port,
        allowed_paths=[*examples],
        max_file_size=f'{max_mb}mb',
        share=False,
        show_error=False,  # they name paths of this machine
        theme=theme,
        prevent_thread_lock=not block,
        quiet=not block,
    )
    return page
