"""Photos of known classes become a detector that is scored by human boxes."""

import json
import os
import runpy
from pathlib import Path

import cv2
import numpy as np
import pytest
from tiny_model import CLASSES, tiny_files
from tool_runs import ROOT, run_tool

from mmscm.datasets import WSOLMetadata

IMAGENETTE = os.environ.get('MMSCM_IMAGENETTE')  # a folder imagenette_wsol
OF_IMAGENET = (0, 217, 482, 491, 497, 566, 569, 571, 574, 701)


def drawn(folder):
    """Bright boxes on grey, and where they are."""
    random, boxes = np.random.default_rng(0), {}
    for index in range(12):
        name = f'{CLASSES[index % 2]}/{index}.png'
        image = np.full((96, 96, 3), 90, np.uint8)
        x, y = (int(value) for value in random.integers(4, 40, 2))
        image[y : y + 48, x : x + 44] = (0, 200, 255) if index % 2 else 255
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / name), image)
        boxes[name.replace('/', '_')] = [[x, y, x + 44, y + 48]]
    return boxes, tiny_files(folder.parent)


def of_imagenette(folder):
    """Some photos of val and test, in folders of their classes."""
    from mmpretrain.datasets.categories import IMAGENET_CATEGORIES

    boxes = {}
    for split in ('val', 'test'):
        dataset = WSOLMetadata(
            data_root=IMAGENETTE,
            split_folder=f'metadata/{split}',
            num_classes=10,
            pipeline=[],
        )
        few = range(0, len(dataset), 6)
        for info in map(dataset.get_data_info, few):
            kind = IMAGENET_CATEGORIES[OF_IMAGENET[info['gt_label']]]
            path = Path(info['img_path'])
            (folder / kind).mkdir(parents=True, exist_ok=True)
            link = folder / kind / f'{path.stem}.jpg'
            link.symlink_to(path.resolve())
            boxes[f'{kind}_{link.name}'] = info['gt_bboxes'].tolist()
    return boxes, ['cam_efficientnet-lite0_imagenet', '--cam-thr', '0.27']


def correct(val, boxes):
    """The val split with human boxes in place of those found."""
    content = json.loads(val.read_text())
    kinds = {a['image_id']: a['category_id'] for a in content['annotations']}
    content['annotations'] = []
    for image in content['images']:
        if image['id'] not in kinds:
            continue  # no box was found
        for x0, y0, x1, y1 in boxes[Path(image['file_name']).name]:
            w, h = x1 - x0, y1 - y0
            row = dict(id=len(content['annotations']) + 1, iscrowd=0)
            row |= dict(image_id=image['id'], bbox=[x0, y0, w, h], area=w * h)
            row |= dict(category_id=kinds[image['id']])
            content['annotations'].append(row)
    return content


@pytest.mark.slow
@pytest.mark.parametrize('make', [drawn, of_imagenette])
def test_pseudo_boxes_train_a_detector(make, tmp_path, monkeypatch, capsys):
    if make is of_imagenette and not IMAGENETTE:
        pytest.skip('needs MMSCM_IMAGENETTE')
    pytest.importorskip('supervision')
    pytest.importorskip('pycocotools')
    monkeypatch.chdir(tmp_path)
    boxes, model = make(tmp_path / 'photos')
    options = '--target from-folder --format coco --val-share 0.4'
    options += ' --out-dir boxed'
    run_tool('infer.py', 'photos', *model, *options.split())
    human = correct(Path('boxed/annotations/val.json'), boxes)
    Path('human.json').write_text(json.dumps(human))
    tool = ROOT / 'examples/train_detector.py'
    run_tool(tool, 'boxed', 'human.json', '--iterations', 2)
    *_, pseudo, detector = capsys.readouterr().out.splitlines()
    assert pseudo.startswith('pseudo boxes')
    assert 0 <= float(detector.split()[-1]) <= 100
    if make is of_imagenette:
        assert float(pseudo.split()[-1]) > 20
    else:  # human boxes found by a detector
        parts = runpy.run_path(str(tool))
        coco = parts['read_coco']('human.json')
        found = [row | {'score': 0.5} for row in coco.anns.values()]
        assert parts['average_precision'](coco, found) == pytest.approx(100)
        assert parts['average_precision'](coco, []) == 0
