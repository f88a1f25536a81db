"""Maps on disk score as in wsolevaluation, on one core or all."""

import json
from collections import defaultdict

import cv2
import numpy as np
import pytest
from eval_maps import evaluate_maps, read_predictions
from miniatures import write_lists
from tool_runs import ROOT, run_tool

from mmscm.evaluation.sample import score_map_from

TOOL = 'analysis/eval_maps.py'
ARRAYS = dict(np.load(ROOT / 'tests' / 'data' / 'evaluation.npz'))
EXPECTED = json.loads((ROOT / 'tests/data/evaluation.json').read_text())


@pytest.fixture(scope='module')
def folders(tmp_path_factory):
    """The 80 images that the released evaluators were run on."""
    maps = tmp_path_factory.mktemp('maps')
    split = tmp_path_factory.mktemp('split')
    lines = defaultdict(list)
    for i, label in enumerate(ARRAYS['labels']):
        key = f'{i}.jpg'
        boxes = [box for box in ARRAYS['gt_boxes'][i] if box[0] >= 0]
        ranking = np.argsort(-ARRAYS['logits'][i], kind='stable')[:5]
        for name, values in (
            ('image_ids', []),
            ('class_labels', [label]),
            ('image_sizes', [224, 224]),
            ('top5', ranking),
            *(('localization', box) for box in boxes),
        ):
            lines[name].append(','.join([key, *map(str, values)]))
        plane = ARRAYS['maps'][i, label]
        scores = score_map_from(plane, (224, 224), 'bilinear')
        np.save(maps / f'{i}.npy', scores)
    for name, rows in lines.items():
        (split / f'{name}.txt').write_text('\n'.join(rows) + '\n')
    return maps, split


def rows_of(folders, **options):
    rows = evaluate_maps(*folders, workers=1, **options)
    return {(row.protocol, row.origin): row.scores for row in rows}


def test_boxes_score_as_in_wsolevaluation(folders):
    rows = rows_of(folders)
    for version, key in ('V1', 'max_box_acc_01'), ('V2', 'max_box_acc_v2_01'):
        released = EXPECTED['wsolevaluation'][key]
        scores = rows[f'wsoleval {version}', 'oracle']
        at_50 = scores['GT-Known' if version == 'V1' else 'IoU 0.5']
        assert at_50.value == released['per_iou']['50']
        assert at_50.cam_thr == released['best_thr']['50']
    assert scores['MaxBoxAccV2'].value == pytest.approx(released['mean'])


def test_fixed_rows_score_as_in_tscam(folders):
    predictions = str(folders[1] / 'top5.txt')
    rows = rows_of(folders, predictions=predictions, cam_thr=(0.1, 0.35))
    for thr in ('0.1', '0.35'):
        released = EXPECTED['tscam_released'][thr]
        scores = rows[f'tscam, {thr}', 'fixed'].items()
        assert {column: score.value for column, score in scores} == {
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
    rows = rows_of((folders[0], tmp_path), masks=tmp_path)
    px_ap = rows['wsoleval masks', 'oracle']['PxAP'].value
    released = EXPECTED['wsolevaluation']['px_ap']
    assert px_ap == pytest.approx(released, abs=1e-9)


def one_image(folder, scores, size, box):
    np.save(folder / 'a.npy', scores)
    sizes, boxes = {'a.jpg': f'{size},{size}'}, {'a.jpg': box}
    write_lists(folder, image_sizes=sizes, localization=boxes)
    return folder, folder


def test_maps_of_any_size_are_enlarged(tmp_path):
    # one bright pixel of 4 x 4: above 0.9 of the maximum 56 x 56 minus the
    # slope of the bilinear enlargement is left, in the middle of it
    scores = np.zeros((4, 4))
    scores[1, 1] = 1
    rows = rows_of(one_image(tmp_path, scores, 448, '112,112,224,224'))
    assert rows['wsoleval V1', 'oracle']['GT-Known'].value == 100


def test_maps_are_not_scaled_to_their_own_range(tmp_path):
    # 0.4 beside 0.5: below 0.8 of the maximum both belong to the object
    scores = np.full((224, 224), 0.4, np.float32)
    scores[:112, :112] = 0.5
    folders = one_image(tmp_path, scores, 224, '0,0,224,224')
    rows = rows_of(folders, cam_thr=(0.7, 0.85))
    for thr, known in ((0.7, 100), (0.85, 0)):
        row = rows[f'wsoleval V1, {thr}', 'fixed']
        assert row['GT-Known'].value == known


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


@pytest.mark.slow
def test_the_tool_on_two_processes_equals_one(folders, tmp_path):
    out = tmp_path / 'rows.json'
    run_tool(TOOL, *folders, '--workers', '2', '--out', out)
    written = {
        (row['protocol'], row['origin']): row['scores']
        for row in json.loads(out.read_text())
    }
    for key, scores in rows_of(folders).items():
        for column, score in scores.items():
            assert written[key][column]['value'] == score.value


def test_the_tool_names_missing_maps(folders, tmp_path):
    with pytest.raises(SystemExit, match=r'80 are missing: 0\.jpg, 1\.jpg'):
        run_tool(TOOL, tmp_path, folders[1])
