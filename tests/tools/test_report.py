"""The report holds all it needs, and nothing that it was told to run."""

import re

import pytest
from plots import epoch_figure, error_figure
from report import gallery, write_report
from run_folders import make_run, write_log
from runs import read_tested


@pytest.fixture(scope='module')
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp('runs')
    log = [
        {'step': e, 'wsol/top1_cls': 10.0 * e, 'wsol/gt_known': 50.0 + e}
        for e in (1, 2, 3)
    ]
    write_log(root / 'scm', log)
    return [make_run(root / name) for name in ('scm', 'tscam')]


@pytest.fixture(scope='module')
def page(folders, tmp_path_factory):
    path = tmp_path_factory.mktemp('page') / 'new' / 'report.html'
    return write_report(folders, path, images=2).read_text()


def test_the_page_needs_no_network(page):
    addresses = re.findall(r'(?:src|href)="([^"]{0,20})', page)
    assert addresses
    assert all(address.startswith('data:image/') for address in addresses)
    assert '@import' not in page
    assert "default-src 'none'" in page


def test_names_cannot_become_markup(page):
    assert '&lt;b&gt;cat&lt;/b&gt;' in page
    assert '<b>cat</b>' not in page


def test_both_runs_and_their_thresholds_are_in_the_table(page):
    table = page.split('id="protocols"')[1].split('</table>')[0]
    assert table.count('wsoleval V1<small>oracle') == 2
    assert 'scm</td>' in table
    assert '@0' in table


def test_five_figures_with_a_log_of_training(page):
    assert page.count('data:image/svg+xml') == 5
    assert 'by epoch' in page


def test_the_gallery_has_best_median_and_worst_images(folders):
    run = read_tested(folders)[0]
    cards = gallery(run, 2)
    # boxes of image i have 17 x (2 i + 3) inclusive pixels of 17 x 17 up to
    # image 7, which is the best; 8 is too large
    groups = ['best'] * 2 + ['median'] * 2 + ['worst'] * 2
    assert [card.group for card in cards] == groups
    assert [card.image.index for card in cards] == [7, 8, 5, 4, 1, 0]
    assert cards[0].image.box == [(0, 0, 16, 16)]


def test_no_image_is_twice_in_a_small_gallery(folders):
    cards = gallery(read_tested(folders)[0], 100)
    assert sorted(card.image.index for card in cards) == list(range(9))


def test_figures_show_the_values(folders):
    runs = read_tested(folders)
    (line,) = epoch_figure(runs).axes[0].lines
    assert line.get_xydata().tolist() == [[10, 51], [20, 52], [30, 53]]
    bars = error_figure(runs).axes[0].patches
    assert sum(bar.get_width() for bar in bars) == pytest.approx(200)


def test_a_folder_without_a_test_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'tools/test\.py'):
        write_report([tmp_path], tmp_path / 'report.html')
