"""The web demo, first its answers, then in a real browser."""

import json
import re
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import webdemo_views
from tiny_model import smooth_image, tiny_files
from webdemo_views import HINT, Models, read_upload

SECONDS = 60  # of patience with a browser on a busy machine
IMAGE = smooth_image((800, 600), (6, 8))


@pytest.fixture(scope='module')
def models(tiny, tmp_path_factory):
    tscam = tiny_files(tmp_path_factory.mktemp('tscam'), neck=False)
    return Models({'SCM': tiny, 'TS-CAM': tscam}, 'cpu')


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp('uploads')
    cv2.imwrite(str(folder / 'photo.png'), IMAGE)
    (folder / 'notes.txt').write_text('no image')
    data = (folder / 'photo.png').read_bytes()
    (folder / 'cut.png').write_bytes(data[:60])
    (folder / 'large.bin').write_bytes(bytes(3 * 2**20))
    return folder


@pytest.fixture(scope='module')
def view(models, files):
    return models.predict('SCM', str(files / 'photo.png'))


def test_prediction_is_that_of_the_inferencer(models, files, view):
    (result,) = models._get('SCM')(files / 'photo.png', progress=False)
    assert view.ranked[0]['class'] == result['pred_class']
    assert view.cam_thr == 0.4
    np.testing.assert_array_equal(view.box(0, 0.4), result['bboxes'][0])


def test_slider_and_class_move_the_box_without_the_model(
    webdemo_page, view, monkeypatch
):
    redraw = webdemo_page.redraw
    monkeypatch.setattr(Models, '_get', None)
    best, second, _ = view.choices()
    wide, first = redraw(view, best, 0.05)
    narrow, higher = redraw(view, best, 0.95)
    assert wide != narrow
    assert (first != higher).any()
    assert (first != redraw(view, second, 0.05)[1]).any()


def test_a_box_of_the_whole_image_is_marked(view):
    mark = 'the whole image'
    assert mark in view.draw(None, 0.0)[0]
    assert mark not in view.draw(None, 0.95)[0]


def test_a_box_is_saved_as_results_and_as_a_data_set(
    webdemo_page, models, view
):
    save_box = webdemo_page.save_box
    _, second, _ = view.choices()
    result, coco = save_box(models, view, second, 0.9)
    (entry,) = json.loads(Path(result).read_text())
    content = json.loads(Path(coco).read_text())
    x0, y0, x1, y1 = view.box(1, 0.9).tolist()
    box = pytest.approx([x0, y0, x1 - x0, y1 - y0], abs=0.01)
    (image,), (found,) = content['images'], content['annotations']
    assert entry['bbox'] == found['bbox'] == box
    assert entry['category_name'] == view.ranked[1]['class']
    assert content['categories'][0]['id'] == found['category_id']
    size = dict(width=800, height=600)
    assert image == dict(id=0, file_name='photo.png', **size)
    assert save_box(models, None, None, 0.9) is None


def test_blocks_of_scm_but_not_of_tscam(models, files):
    path = str(files / 'photo.png')
    low, high = (models.blocks('SCM', path, 0, thr) for thr in (0.1, 0.9))
    assert (low != high).any()
    assert models.blocks('TS-CAM', path, 0, 0.1) is None


@pytest.mark.parametrize(
    ('name', 'words'),
    [
        ('notes.txt', 'Expected an image, but notes.txt'),
        ('cut.png', 'Expected an image, but cut.png'),
        (None, HINT),
    ],
)
def test_what_is_no_image_is_answered_in_words(
    webdemo_page, models, files, name, words
):
    path = name and str(files / name)
    view, *_, message, picture, _ = webdemo_page.answer(models, 'SCM', path)
    assert (view, picture) == (None, None)
    assert message.startswith(words)


def test_too_many_pixels_are_refused_undecoded(files, monkeypatch):
    monkeypatch.setattr(webdemo_views, 'MAX_PIXELS', 10**5)
    monkeypatch.setattr(webdemo_views, 'read_image', None)
    with pytest.raises(ValueError, match='but got 800 x 600'):
        read_upload(str(files / 'photo.png'))


@pytest.fixture
def page(webdemo_page, models, files, browser, monkeypatch):
    monkeypatch.setenv('no_proxy', '127.0.0.1,localhost')
    examples = [str(files / 'photo.png')]
    app = webdemo_page.launch(models, '127.0.0.1', None, 1, False, examples)
    browser.get(app.local_url)
    yield Page(browser)
    app.close()


class Page:
    """The page as a user sees it."""

    def __init__(self, browser):
        self.browser = browser

    def find(self, selector):
        found = self.browser.find_elements('css selector', selector)
        return found[0] if found else None

    def wait(self, what):
        """Until ``what()`` is true; its value."""
        deadline = time.time() + SECONDS
        while time.time() < deadline:
            try:
                value = what()
            except Exception:  # redrawn while it was read
                value = None
            if value:
                return value
            time.sleep(0.1)
        raise AssertionError(f'Not within {SECONDS} s: {self.message()}')

    def upload(self, path):
        field = self.wait(lambda: self.find('input[type=file]'))
        field.send_keys(str(path))

    def message(self):
        return self.find('#message').text

    def box(self):
        found = re.findall(r'\((\d+), (\d+)\)', self.message())
        return [int(value) for pair in found for value in pair]

    def picture(self, name='picture'):
        image = self.find(f'#{name} img')
        return image.get_attribute('src') if image else None

    def set_threshold(self, value):
        field = self.find('#threshold input[type=number]')
        script = """
            const set = Object.getOwnPropertyDescriptor(
                HTMLInputElement.prototype, 'value').set;
            set.call(arguments[0], arguments[1]);
            for (const name of ['input', 'change', 'blur'])
                arguments[0].dispatchEvent(new Event(name, {bubbles: true}));
        """
        self.browser.execute_script(script, field, str(value))


@pytest.mark.slow
def test_a_user_uploads_moves_the_slider_and_clicks_a_class(page, files):
    page.wait(lambda: HINT in page.message())
    page.upload(files / 'photo.png')
    box = page.wait(page.box)
    assert 'of 800 x 600 pixels' in page.message()
    first = page.wait(page.picture)

    page.set_threshold(0.9)
    page.wait(lambda: page.box() != box)
    second = page.wait(lambda: page.picture() != first and page.picture())

    label = page.message()
    page.browser.find_elements('css selector', '#ranking label')[-1].click()
    page.wait(lambda: page.message().split()[0] != label.split()[0])
    page.wait(lambda: page.picture() != second)

    for button in page.browser.find_elements('css selector', 'button'):
        if 'every block' in button.text:
            button.click()
    page.wait(lambda: page.picture('blocks'))


@pytest.mark.slow
def test_a_user_clicks_an_example_and_saves_the_box(page):
    page.wait(lambda: page.find('#examples img'))
    page.find('#examples button.gallery-item').click()
    page.wait(page.box)
    for button in page.browser.find_elements('css selector', 'button'):
        if 'JSON and COCO' in button.text:
            button.click()
    page.wait(lambda: 'coco' in page.find('#saved').text)


@pytest.mark.slow
def test_a_user_uploads_what_is_too_large_and_what_is_no_image(page, files):
    page.wait(lambda: HINT in page.message())
    page.upload(files / 'large.bin')
    body = page.find('body')
    page.wait(lambda: re.search('(?i)maximum|exceed|too large', body.text))
    assert HINT in page.message()
    page.browser.refresh()
    page.wait(lambda: HINT in page.message())
    page.upload(files / 'notes.txt')
    page.wait(lambda: 'cannot be read as one' in page.message())
