"""tools/infer.py: photos in, data sets with boxes out."""

import contextlib
import io
import json
import re
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import cv2
import infer
import numpy as np
import pytest
from infer_formats import WRITERS, write_dataset, write_json, write_lines
from miniatures import write_lists
from PIL import Image
from review import write_review
from tiny_model import CLASSES, smooth_image, tiny_ddt_files
from tool_runs import run_tool

from mmscm.datasets import WSOLMetadata
from mmscm.datasets.annotations import read_class_names

IMAGE = smooth_image((60, 40), (5, 6))
PHOTOS = ('church/a.jpg', 'church/b.jpg', 'tench/a.png', 'tench/c.jpg')


@pytest.fixture
def photos(tmp_path):
    """Four photos in two folders; one is turned by EXIF."""
    for name in PHOTOS:
        path = tmp_path / 'photos' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), IMAGE)
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(path) as image:
        image.copy().save(path, exif=exif)
    return tmp_path / 'photos'


@pytest.fixture
def run(tiny, photos, tmp_path, monkeypatch):
    """Run the tool in this process; its exit message or None."""
    monkeypatch.chdir(tmp_path)

    def run(*options, files=tiny):
        try:
            run_tool('infer.py', 'photos', *files, *options)
        except SystemExit as stop:
            return str(stop)

    return run


def test_every_format_has_its_writer():
    assert {*infer.FORMATS} == {'json', *WRITERS}


def journal(path='outputs/boxes.jsonl'):
    lines = Path(path).read_text().splitlines()
    return {row['name']: row for row in map(json.loads, lines[1:])}


def record(photos, name, label, *boxes):
    size = (60, 40) if name == 'tench/c.jpg' else (40, 60)
    row = dict(name=name, path=str(photos / name), size=size, score=0.75)
    row |= {'label': label, 'class': CLASSES[label]}
    boxes = [list(map(float, box)) for box in boxes]
    return row | dict(bboxes=boxes, box_scores=[0.5] * len(boxes))


@pytest.fixture
def records(photos):
    return [
        record(photos, 'church/a.jpg', 1, (10, 5, 30, 25), (40, 20, 50, 35)),
        record(photos, 'church/b.jpg', 1),
        record(photos, 'tench/a.png', 0, (0, 0, 60, 40)),
        record(photos, 'tench/c.jpg', 0, (10, 30, 40, 60)),  # upright
    ]


def boxes_of(records):
    """Boxes by the name of their photo in the data set."""
    names = [Path(row['name'].replace('/', '_')).stem for row in records]
    return dict(zip(names, [row['bboxes'] for row in records], strict=True))


def check_read_back(dataset, records):
    """The boxes and classes that supervision reads are those written."""
    expected, labels = boxes_of(records), {r['label'] for r in records}
    assert len(dataset) == len(records)
    found = set()
    for path, image, detections in dataset:
        boxes = np.reshape(expected[Path(path).stem], (-1, 4))
        np.testing.assert_allclose(detections.xyxy, boxes, atol=1e-3)
        assert (detections.xyxy[:, 2:] <= image.shape[1::-1]).all()
        found |= set(map(int, detections.class_id))
    assert found == labels


def test_coco_is_read_by_pycocotools_and_supervision(records, tmp_path):
    supervision = pytest.importorskip('supervision')
    coco = pytest.importorskip('pycocotools.coco')
    folder = write_dataset('coco', records, CLASSES, tmp_path / 'out')
    path = str(folder / 'train.json')
    with contextlib.redirect_stdout(io.StringIO()):
        truth = coco.COCO(path)
    names = {row['id']: row['name'] for row in truth.loadCats(truth.cats)}
    assert list(names.values()) == list(CLASSES)
    found = {}
    for image in truth.loadImgs(truth.getImgIds()):
        rows = truth.loadAnns(truth.getAnnIds(image['id']))
        found[Path(image['file_name']).stem] = [
            [x, y, x + w, y + h] for x, y, w, h in (r['bbox'] for r in rows)
        ]
        assert all(row['score'] == 0.75 for row in rows)
        assert 'license' not in image  # whose photos they are is not known
    assert found == boxes_of(records)
    turned = next(i for i in truth.imgs.values() if 'c.jpg' in i['file_name'])
    assert (turned['height'], turned['width']) == (60, 40)
    images = str(tmp_path / 'out/images/train')
    dataset = supervision.DetectionDataset.from_coco(images, path)
    check_read_back(dataset, records)


def test_yolo_and_voc_are_read_by_supervision(records, tmp_path):
    read = pytest.importorskip('supervision').DetectionDataset
    path = write_dataset('yolo', records, CLASSES, tmp_path / 'out')
    images = str(tmp_path / 'out/images/train')
    labels = str(tmp_path / 'out/labels/train')
    dataset = read.from_yolo(images, labels, str(path))
    assert dataset.classes == list(CLASSES)
    check_read_back(dataset, records)
    folder = write_dataset('voc', records, CLASSES, tmp_path / 'out')
    dataset = read.from_pascal_voc(images, str(folder / 'train'))
    for row in records:  # it counts the classes that there are
        row['label'] = sorted({'church', 'tench'}).index(row['class'])
    check_read_back(dataset, records)


def test_wsol_is_read_by_the_data_set_of_mmscm(records, tmp_path):
    write_dataset('wsol', records, CLASSES, tmp_path / 'out')
    dataset = WSOLMetadata(
        data_root=str(tmp_path / 'out'),
        split_folder='metadata/train',
        data_prefix='images',
        localization='boxes',
        classes='metadata/classes.txt',
        pipeline=[],
    )
    assert list(dataset.metainfo['classes']) == list(CLASSES)
    rows = [dataset.get_data_info(index) for index in range(len(dataset))]
    found = {Path(r['img_path']).stem: r['gt_bboxes'].tolist() for r in rows}
    expected = boxes_of(records)
    assert expected.pop('church_b') == []  # a set with boxes needs one
    assert found == expected
    assert [row['gt_label'] for row in rows] == [1, 0, 0]


def test_classes_of_one_name_are_told_apart(records, tmp_path):
    write_dataset('wsol', records, ('crane', 'crane', 'tench'), tmp_path)
    names = read_class_names(tmp_path / 'metadata/classes.txt')
    assert names == ('crane', 'crane 1', 'tench')


def test_label_studio_gets_percent_and_an_interface(records, tmp_path):
    path = write_dataset('labelstudio', records, CLASSES, tmp_path / 'out')
    tasks = json.loads(path.read_text())
    url = '/data/local-files/?d=out/images/train/church_a.jpg'
    assert tasks[0]['data']['image'] == url
    first, second = tasks[0]['predictions'][0]['result']
    value = [first['value'][key] for key in ('x', 'y', 'width', 'height')]
    # of 60 x 40 pixels
    assert value == pytest.approx([100 / 6, 12.5, 100 / 3, 50])
    assert second['value']['rectanglelabels'] == ['church']
    interface = ElementTree.parse(path.with_name('interface.xml'))
    labels = [node.get('value') for node in interface.iter('Label')]
    assert labels == list(CLASSES)
    names = {node.get('name') for node in interface.iter()}
    assert {first['from_name'], first['to_name']} <= names


@pytest.mark.parametrize('share', [0.0, 0.5, 1.0])
def test_a_split_depends_on_names_only(records, tmp_path, share):
    many = [dict(records[0], name=f'{i}.jpg') for i in range(40)]
    for part, rows in (('all', many), ('few', many[::-1][:20])):
        write_dataset('labelstudio', rows, CLASSES, tmp_path / part, share)
    all_val, few_val = (
        {p.name for p in (tmp_path / part / 'images/val').glob('*')}
        for part in ('all', 'few')
    )
    assert few_val <= all_val
    assert abs(len(all_val) / 40 - share) < 0.25


def test_equal_names_do_not_overwrite_each_other(records, tmp_path):
    names = 'a/x.jpg', 'a_x.jpg', 'a/x.png', 'a_x-1.jpg'
    rows = [dict(records[0], name=name) for name in names]
    write_dataset('labelstudio', rows, CLASSES, tmp_path / 'out')
    images = (tmp_path / 'out/images').rglob('*.*')
    assert len({path.stem for path in images}) == 4  # of labels, too


def test_json_has_an_entry_a_box(records, tmp_path):
    written = json.loads(write_json(records, tmp_path / 'r.json').read_text())
    assert [entry['image_id'] for entry in written] == [0, 0, 2, 3]
    entry = dict(image_id=0, file_name='church/a.jpg', score=0.75)
    entry |= dict(category_id=1, category_name='church')
    assert written[1] == entry | dict(bbox=[40, 20, 10, 15])
    empty = write_json(records[1:2], tmp_path / 'e.json')
    assert json.loads(empty.read_text()) == []


def test_the_class_is_that_of_the_folder(run, capsys):
    assert run('--target', 'from-folder', '--show-dir', 'shown') is None
    rows = journal()
    assert {name: row['class'] for name, row in rows.items()} == {
        name: name.split('/')[0] for name in PHOTOS
    }
    pictures = {p.as_posix() for p in Path('shown').rglob('*.jpg')}
    assert len(pictures) == 4
    assert 'shown/tench/a.png.jpg' in pictures
    assert '4 images, 4 boxes' in capsys.readouterr().out


def test_a_folder_that_is_no_class_is_named(run, photos):
    (photos / 'church').rename(photos / 'chapel')
    stop = run('--target', 'from-folder')
    assert "but got ['chapel']" in stop


@pytest.fixture
def split(tmp_path):
    """A split of three of the photos, in another order."""
    labels = {'tench/c.jpg': 0, 'church/a.jpg': 1, 'church/b.jpg': 2}
    write_lists(tmp_path / 'split', class_labels=labels)
    return labels


def test_a_split_gets_boxes_that_its_data_set_reads(run, split, tmp_path):
    assert run('--split', 'split') is None
    rows = journal()
    assert {name: row['label'] for name, row in rows.items()} == split
    assert list(rows) == list(split)
    dataset = WSOLMetadata(
        data_root=str(tmp_path),
        split_folder='split',
        data_prefix='photos',
        localization='none',
        pseudo_boxes='outputs/boxes.txt',
        num_classes=3,
        pipeline=[dict(type='mmscm.LoadImage')],
    )
    for sample, row in zip(dataset, rows.values(), strict=True):
        np.testing.assert_allclose(sample['pseudo_bboxes'], row['bboxes'])
        # as stored, whatever EXIF says: a data set reads it so
        assert sample['img_shape'] == tuple(row['size']) == (40, 60)


def test_ddt_takes_folders_of_any_classes(run, photos, tmp_path):
    run = partial(run, files=tiny_ddt_files(tmp_path))
    (photos / 'church').rename(photos / 'chapel')
    (photos / 'chapel/broken.jpg').write_bytes(b'no image')
    assert run('--target', 'from-folder', '--format', 'wsol') is None
    classes = {name: row['class'] for name, row in journal().items()}
    assert {*classes.values()} == {'chapel', 'tench'}
    assert all(name.startswith(value) for name, value in classes.items())
    assert 'DDT, which compares' in run('--target', 'tench')
    cv2.imwrite(str(photos / 'top.jpg'), IMAGE)
    assert "but got ['']" in run('--target', 'from-folder')


def test_an_image_without_a_box_gets_the_whole_one(records, tmp_path):
    path = write_lines(records[:2], tmp_path / 'boxes.txt')
    assert path.read_text().splitlines() == [
        'church/a.jpg,10.0,5.0,30.0,25.0',
        'church/a.jpg,40.0,20.0,50.0,35.0',
        'church/b.jpg,0,0,60,40',
    ]


def test_labels_of_another_model_are_refused(run, split):
    labels = Path('split/class_labels.txt')
    labels.write_text(labels.read_text().replace('.jpg,2', '.jpg,1'))
    assert 'up to 2, the last of the model' in run('--split', 'split')
    assert run('--split', 'split', '--format', 'wsol') == '2'  # of argparse


def test_unreadable_photos_are_counted_and_named(run, photos, capsys):
    names = ['broken.jpg', 'phone.HEIC']
    for name in names:
        (photos / name).write_bytes(b'no image')
    run()
    count, *lines = capsys.readouterr().err.splitlines()
    assert count.startswith('2 images could not be read')
    assert [Path(line.partition(':')[0]).name for line in lines] == names
    assert list(journal()) == list(PHOTOS)
    # pictures are drawn on request only
    written = {path.name for path in Path('outputs').iterdir()}
    assert written == {'boxes.jsonl', 'results.json'}


@pytest.mark.parametrize(
    'options',
    [
        ('--cam-thr', '27'),
        ('--val-share', '20'),
        ('--max-area', '98'),
        ('--target', 'tensh'),
    ],
)
def test_a_wrong_option_leaves_results_as_they_are(run, options):
    run()
    before = Path('outputs/boxes.jsonl').read_text()
    with contextlib.suppress(ValueError):
        assert run(*options) == '2'  # of argparse
    assert Path('outputs/boxes.jsonl').read_text() == before


def test_missing_photos_are_no_empty_result(run, photos):
    photos.rename('elsewhere')
    assert 'photos: Expected a photo or a folder' in run()
    assert not Path('outputs').exists()


def test_a_photo_is_not_drawn_over(run, photos):
    before = (photos / 'church/a.jpg').read_bytes()
    with pytest.raises(ValueError, match='another folder than that of the'):
        run('--show-dir', 'photos')
    assert (photos / 'church/a.jpg').read_bytes() == before


def test_a_resumed_run_does_what_is_missing(run, monkeypatch):
    run()
    path = Path('outputs/boxes.jsonl')
    whole = path.read_text()
    lines = whole.splitlines(keepends=True)
    path.write_text(''.join(lines[:3]) + lines[3][:20])  # killed in a line
    seen = []
    read = infer.Photo.read
    monkeypatch.setattr(
        infer.Photo, 'read', lambda p: seen.append(p.name) or read(p)
    )
    run('--resume')
    assert sorted(seen) == list(PHOTOS[2:])
    assert path.read_text() == whole
    assert len(json.loads(Path('outputs/results.json').read_text())) == 4


def test_a_run_killed_in_its_first_line_is_resumed(run):
    run()
    path = Path('outputs/boxes.jsonl')
    whole = path.read_text()
    path.write_text(whole[:20])
    run('--resume')
    assert path.read_text() == whole


def test_a_data_set_is_not_mixed_with_another(run):
    assert run('--format', 'wsol') is None
    assert 'choose another --out-dir' in run('--format', 'wsol')
    assert run('--format', 'wsol', '--resume', '--review') is None
    assert Path('outputs/review.html').is_file()
    assert 'own settings' in run('--resume', '--val-share', '0.5')


def test_boxes_of_whole_images_are_warned_about(run, capsys):
    warning = 'of 4 boxes are the whole image'
    run('--cam-thr', '0.0')
    assert warning in capsys.readouterr().out
    run('--cam-thr', '0.95')
    assert warning not in capsys.readouterr().out


def test_a_review_has_the_least_certain_boxes_first(records, tmp_path):
    records[0] |= dict(box_scores=[0.5, 0.1], name='<b>.jpg')
    records[2]['box_scores'] = [0.0]
    records[3] |= dict(bboxes=[[1, 1, 5, 5]], box_scores=[0.6])
    page = write_review(records, tmp_path / 'review.html').read_text()
    cards = re.findall('data-mark="(.+?)" .+ data-certainty="(.+?)"', page)
    marks = ['no box', 'whole image', 'no mark', 'no mark', 'tiny']
    assert [mark for mark, _ in cards] == marks
    expected = [0, 0, 0.075, 0.375, 0.45]
    assert [float(value) for _, value in cards] == pytest.approx(expected)
    assert page.count('src="data:image/jpeg') == 5
    assert '&lt;b&gt;.jpg' in page


def test_a_video_gives_boxes_but_no_data_set(tiny, run):
    codec = cv2.VideoWriter_fourcc(*'MJPG')
    writer = cv2.VideoWriter('clip.avi', codec, 5, (60, 40))
    for _ in range(3):
        writer.write(IMAGE)
    writer.release()
    run_tool('infer.py', 'clip.avi', *tiny)
    assert list(journal()) == [f'clip_00000{i}' for i in range(3)]
    with pytest.raises(SystemExit, match='files of photos'):
        run_tool('infer.py', 'clip.avi', *tiny, '--format', 'wsol')
    with pytest.raises(ValueError, match='a video or the index of a camera'):
        run_tool('infer.py', 'none.avi', *tiny)
