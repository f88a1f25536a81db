"""Maps on disk score as in wsolevaluation, on one core or all."""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from offline import evaluate_maps, read_predictions

from mmscm.evaluation.sample import score_map_from

ROOT = Path(__file__).parents[2]
METADATA = os.environ.get('MMSCM_WSOL_METADATA')
MASKS = os.environ.get('MMSCM_OPENIMAGES_MASKS')
ARRAYS = np.load(ROOT / 'tests' / 'data' / 'evaluation.npz')
EXPECTED = json.loads((ROOT / 'tests/data/evaluation.json').read_text())


@pytest.fixture(scope='module')
def folders(tmp_path_factory):
    """The 80 images that the released evaluators were run on."""
    maps = tmp_path_factory.mktemp('maps')
    split = tmp_path_factory.mktemp('split')
    lines = {name: [] for name in ('image_ids', 'class_labels', 'sizes')}
    boxes, top5 = [], []
    for i, label in enumerate(ARRAYS['labels']):
        key = f'{i}.jpg'
        lines['image_ids'].append(key)
        lines['class_labels'].append(f'{key},{label}')
        lines['sizes'].append(f'{key},224,224')
        boxes += [
            ','.join([key, *map(str, box)])
            for box in ARRAYS['gt_boxes'][i].tolist()
            if box[0] >= 0
        ]
        ranking = np.argsort(-ARRAYS['logits'][i], kind='stable')[:5]
        top5.append(','.join([key, *map(str, ranking)]))
        scores = score_map_from(
            ARRAYS['maps'][i, label], (224, 224), 'bilinear'
        )
        np.save(maps / f'{i}.npy', scores)
    lines['image_sizes'] = lines.pop('sizes')
    lines |= {'localization': boxes, 'top5': top5}
    for name, rows in lines.items():
        (split / f'{name}.txt').write_text('\n'.join(rows) + '\n')
    return maps, split


def write_split(folder, box):
    """One image, a.jpg of 224 x 224, with a box."""
    (folder / 'image_ids.txt').write_text('a.jpg\n')
    (folder / 'image_sizes.txt').write_text('a.jpg,224,224\n')
    (folder / 'localization.txt').write_text(f'a.jpg,{box}\n')


def rows_of(folders, **options):
    rows = evaluate_maps(*folders, workers=1, **options)
    return {(row.protocol, row.origin): row.scores for row in rows}


def test_boxes_score_as_in_wsolevaluation(folders):
    rows = rows_of(folders)
    for version, key in (
        ('V1', 'max_box_acc_01'),
        ('V2', 'max_box_acc_v2_01'),
    ):
        released = EXPECTED['wsolevaluation'][key]
        scores = rows[f'wsoleval {version}', 'oracle']
        at_50 = scores['GT-Known' if version == 'V1' else 'IoU 0.5']
        assert at_50.value == released['per_iou']['50']
        assert at_50.cam_thr == released['best_thr']['50']
    assert scores['MaxBoxAccV2'].value == pytest.approx(released['mean'])


def test_fixed_rows_score_as_in_tscam(folders):
    predictions = str(folders[1] / 'top5.txt')
    rows = rows_of(folders, predictions=predictions, fixed_thrs=(0.1, 0.35))
    for thr in ('0.1', '0.35'):
        released = EXPECTED['tscam_released'][thr]
        values = {
            column: score.value
            for column, score in rows[f'tscam, {thr}', 'fixed'].items()
        }
        assert values == {
            'Top-1 Cls': released['cls_top1'],
            'Top-5 Cls': released['cls_top5'],
            'GT-Known': released['gt_known'],
            'Top-1 Loc': released['loc_top1'],
            'Top-5 Loc': released['loc_top5'],
        }


def test_the_third_top_k_is_at_the_threshold_of_gt_known(folders):
    predictions = str(folders[1] / 'top5.txt')
    rows = rows_of(folders, predictions=predictions)
    gtmap = rows['gtmap', 'oracle']
    thrs = {score.cam_thr for score in gtmap.values()} - {None}
    assert len(thrs) == 1
    own = rows['wsoleval V1', 'oracle']
    assert gtmap['Top-1 Loc'].value <= own['Top-1 Loc'].value


def test_masks_score_as_in_wsolevaluation(folders, tmp_path):
    lines = []
    for i, mask in enumerate(ARRAYS['masks']):
        for name, value in (('object', 1), ('ignore', 255)):
            image = np.where(mask == value, 255, 0).astype(np.uint8)
            cv2.imwrite(str(tmp_path / f'{i}_{name}.png'), image)
        lines.append(f'{i}.jpg,{i}_object.png,{i}_ignore.png')
    (tmp_path / 'localization.txt').write_text('\n'.join(lines))
    ids = (folders[1] / 'image_ids.txt').read_text()
    (tmp_path / 'image_ids.txt').write_text(ids)
    rows = rows_of((folders[0], tmp_path), mask_root=str(tmp_path))
    px_ap = rows['wsoleval masks', 'oracle']['PxAP'].value
    released = EXPECTED['wsolevaluation']['px_ap']
    assert px_ap == pytest.approx(released, abs=1e-9)


def test_progress_counts_the_images(folders):
    calls = []
    evaluate_maps(*folders, progress=lambda *done: calls.append(done))
    assert calls == [(32, 80), (64, 80), (80, 80)]


def test_maps_of_any_size_are_enlarged(tmp_path):
    # one bright pixel of 4 x 4: above 0.9 of the maximum 56 x 56 minus the
    # slope of the bilinear enlargement is left, in the middle of it
    np.save(tmp_path / 'a.npy', np.eye(4)[1:2].T @ np.eye(4)[1:2])
    write_split(tmp_path, '56,56,112,112')
    rows = rows_of((tmp_path, tmp_path))
    assert rows['wsoleval V1', 'oracle']['GT-Known'].value == 100


@pytest.mark.skipif(
    not (METADATA and MASKS),
    reason='MMSCM_WSOL_METADATA and MMSCM_OPENIMAGES_MASKS do not name the '
    'lists of wsolevaluation and masks of OpenImages30k',
)
def test_published_masks_as_maps_are_perfect(tmp_path):
    lists = Path(METADATA, 'OpenImages', 'val')
    there = {path.stem for path in Path(MASKS).rglob('*_ignore.png')}
    there = {stem.removesuffix('_ignore') for stem in there}
    for name in ('image_ids', 'localization'):
        lines = (lists / f'{name}.txt').read_text().splitlines()
        kept = [
            line for line in lines if Path(line.split(',')[0]).stem in there
        ]
        (tmp_path / f'{name}.txt').write_text('\n'.join(kept))
    for key in (tmp_path / 'image_ids.txt').read_text().split():
        found = Path(MASKS, key).parent.glob(f'{Path(key).stem}_m*.png')
        masks = [nearest_mask(path) for path in found]
        path = tmp_path / Path(key).with_suffix('.npy')
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.any(masks, axis=0).astype(np.float32))
    scores = rows_of((tmp_path, tmp_path), mask_root=MASKS)
    scores = scores['wsoleval masks', 'oracle']
    assert scores['PxAP'].value == pytest.approx(100)
    # one of the five masks is empty, and nothing has an IoU with it
    assert scores['Mask IoU'].value == pytest.approx(80)


def nearest_mask(path):
    mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    size = (224, 224)
    return cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST) > 0


def test_maps_are_not_scaled_to_their_own_range(tmp_path):
    # 0.4 beside 0.5: below 0.8 of the maximum both belong to the object
    scores = np.full((224, 224), 0.4, np.float32)
    scores[:112, :112] = 0.5
    np.save(tmp_path / 'a.npy', scores)
    write_split(tmp_path, '0,0,224,224')
    rows = rows_of((tmp_path, tmp_path), fixed_thrs=(0.7, 0.85))
    known = [
        rows[f'wsoleval V1, {thr}', 'fixed']['GT-Known'].value
        for thr in (0.7, 0.85)
    ]
    assert known == [100, 0]


def test_predictions_are_read_with_and_without_heading(tmp_path):
    path = tmp_path / 'predictions.csv'
    path.write_text('id,1,2,3,4,5\na.jpg,7,3,2,1,0\nb,c.jpg,9,8,7,6,5\n')
    assert read_predictions(path)['b,c.jpg'] == (9, 8, 7, 6, 5)
    path.write_text('a.jpg,3\nb.jpg,1\n')
    assert read_predictions(path) == {'a.jpg': (3,), 'b.jpg': (1,)}


def test_single_predictions_give_top_1_only(folders, tmp_path):
    path = tmp_path / 'top1.csv'
    lines = (folders[1] / 'top5.txt').read_text().splitlines()
    path.write_text('\n'.join(','.join(line.split(',')[:2]) for line in lines))
    scores = rows_of(folders, predictions=path)['tscam', 'fixed']
    released = EXPECTED['tscam_released']['0.1']
    assert scores['Top-1 Cls'].value == released['cls_top1']
    assert 'Top-5 Cls' not in scores


def test_predictions_of_other_images_are_named(folders, tmp_path):
    path = tmp_path / 'predictions.csv'
    path.write_text('0.jpg,3\nx.jpg,1\n')
    with pytest.raises(ValueError, match=r"adds 1 .* \['x\.jpg'\]"):
        rows_of(folders, predictions=path)


@pytest.fixture
def tool(monkeypatch):
    """Run the tool with arguments, in this process."""

    def run(*args):
        tool = str(ROOT / 'tools' / 'analysis' / 'eval_maps.py')
        monkeypatch.setattr(sys, 'argv', [tool, *map(str, args)])
        runpy.run_path(tool, run_name='__main__')

    return run


@pytest.mark.slow
def test_the_tool_on_two_processes_equals_one(folders, tmp_path, tool):
    out = tmp_path / 'rows.json'
    tool(*folders, '--workers', '2', '--out', out)
    written = {
        (row['protocol'], row['origin']): row['scores']
        for row in json.loads(out.read_text())
    }
    for key, scores in rows_of(folders).items():
        for column, score in scores.items():
            assert written[key][column]['value'] == score.value


def test_the_tool_names_missing_maps(folders, tmp_path, tool):
    with pytest.raises(SystemExit, match=r'80 are missing: 0\.jpg, 1\.jpg'):
        tool(tmp_path, folders[1])
