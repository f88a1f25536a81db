"""The report in a real browser: it loads, sorts, filters, fits a phone."""

import pytest
from report import write_report
from run_folders import make_run

pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def address(tmp_path_factory):
    root = tmp_path_factory.mktemp('runs')
    folders = [make_run(root / name) for name in ('scm', 'tscam')]
    return write_report(folders, root / 'report.html').as_uri()


@pytest.fixture
def page(browser, address):
    set_width(browser, 1280)
    browser.get(address)
    return browser


def set_width(browser, width):
    browser.execute_cdp_cmd(
        'Emulation.setDeviceMetricsOverride',
        dict(width=width, height=844, deviceScaleFactor=1, mobile=width < 600),
    )


def visible(page, field):
    """A field of the cards that are shown, from top to bottom."""
    return page.execute_script(
        'return [...document.querySelectorAll(".card:not([hidden])")]'
        '.map((card) => card.dataset[arguments[0]])',
        field,
    )


def choose(page, selector, value):
    page.execute_script(
        'const s = document.querySelector(arguments[0]); s.value = '
        'arguments[1]; s.dispatchEvent(new Event("change"))',
        selector,
        value,
    )


def test_the_page_loads_without_errors(page):
    assert page.get_log('browser') == []
    broken = page.execute_script(
        'return [...document.images].filter((i) => !i.naturalWidth).length'
    )
    assert (broken, len(visible(page, 'iou'))) == (0, 18)


def test_the_gallery_is_sorted(page):
    ious = [float(iou) for iou in visible(page, 'iou')]
    assert ious == sorted(ious, reverse=True)
    choose(page, '#order', 'iou up')
    ious = [float(iou) for iou in visible(page, 'iou')]
    assert ious == sorted(ious)


def test_filters_add_up(page):
    choose(page, '[data-filter=label]', 'bee')
    assert set(visible(page, 'label')) == {'bee'}
    choose(page, '[data-filter=error]', 'cls_wrong')
    assert len(visible(page, 'iou')) == 6
    choose(page, '[data-filter=run]', visible(page, 'run')[0])
    assert len(visible(page, 'iou')) == 3
    shown = page.find_element('id', 'shown').text
    assert shown == '3 of 18 images'
    choose(page, '[data-filter=error]', 'right')
    assert visible(page, 'iou') == []


def test_tables_are_sorted_by_their_headings(page):
    def column():
        return page.execute_script(
            'return [...document.querySelectorAll("#protocols tbody tr")]'
            '.map((row) => row.children[4].dataset.value)'
        )

    heading = page.find_elements('css selector', '#protocols th button')[4]
    heading.click()
    values = column()
    numbers = [float(value) for value in values if value]
    assert numbers == sorted(numbers, reverse=True)
    assert values[-1] == ''  # rows without the value stay last
    heading.click()
    numbers = [float(value) for value in column() if value]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize('width', [390, 1280])
def test_the_page_is_never_wider_than_the_screen(page, width):
    set_width(page, width)
    script = 'return document.documentElement.scrollWidth'
    assert page.execute_script(script) <= width
