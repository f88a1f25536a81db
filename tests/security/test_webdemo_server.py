"""What a visitor of the web demo cannot get, over real HTTP."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from tiny_model import tiny_files
from webdemo_views import Models

pytestmark = pytest.mark.slow
IMAGE = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)


class Server:
    """The demo and a visitor who knows its interface."""

    def __init__(self, folder: Path, launch: Callable) -> None:
        config, weights = tiny_files(folder)
        sources = {
            'good': (config, weights),
            # its error is a ValueError with this path in it
            'broken': (str(folder / 'tiny.yaml'), weights),
        }
        self.app = launch(Models(sources, 'cpu'), port=None, block=False)

    def get(self, path: str, data: bytes | None = None, kind: str = '') -> str:
        headers = {'Content-Type': kind or 'application/json'}
        request = urllib.request.Request(
            f'{self.app.local_url}{path}', data, headers
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    def localize(self, model: str, path: str) -> str:
        file = dict(path=path, meta={'_type': 'gradio.FileData'})
        call = json.dumps({'data': [model, file]}).encode()
        event = json.loads(self.get('gradio_api/call/localize', call))
        return self.get(f'gradio_api/call/localize/{event["event_id"]}')

    def upload(self, name: str, content: bytes) -> str:
        body = (
            b'--x\r\nContent-Disposition: form-data; name="files"; filename="'
            + name.encode()
            + b'"\r\n\r\n'
            + content
            + b'\r\n--x--\r\n'
        )
        kind = 'multipart/form-data; boundary=x'
        (path,) = json.loads(self.get('gradio_api/upload', body, kind))
        return path


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('server')
    cv2.imwrite(str(folder / 'private.png'), IMAGE)
    return folder


@pytest.fixture(scope='module')
def server(webdemo_page, folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('no_proxy', '127.0.0.1,localhost')
        server = Server(folder, webdemo_page.launch)
        yield server
        server.app.close()


def test_the_page_is_for_this_machine_only(server):
    assert server.app.local_url.startswith('http://127.0.0.1:')
    assert server.app.share_url is None


def test_an_upload_is_localized(server):
    path = server.upload('a.png', cv2.imencode('.png', IMAGE)[1].tobytes())
    assert 'of 8 x 8 pixels' in server.localize('good', path)


@pytest.mark.parametrize('name', ['private.png', 'tiny.pth', 'tiny.py'])
def test_files_of_the_machine_are_not_served(server, folder, name):
    with pytest.raises(urllib.error.HTTPError, match='403'):
        server.get(f'gradio_api/file={folder / name}')


def test_files_of_the_machine_are_not_localized(server, folder):
    answer = server.localize('good', str(folder / 'private.png'))
    assert answer.startswith('event: error')
    assert 'pixels' not in answer


def test_names_of_uploads_do_not_leave_their_folder(server, folder):
    path = server.upload('../../private.png', b'changed')
    assert Path(path).name == 'private.png'
    assert '..' not in Path(path).parts
    assert (folder / 'private.png').read_bytes() != b'changed'


def test_answers_name_no_path_of_the_machine(server, folder):
    image = server.upload('a.png', cv2.imencode('.png', IMAGE)[1].tobytes())
    text = server.upload('b.png', b'no image')
    page = server.get('config')
    for answer in (
        page,
        server.localize('broken', image),
        server.localize('good', text).replace(text, ''),
    ):
        assert str(folder) not in answer
        assert os.getcwd() not in answer
