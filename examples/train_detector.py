"""Train a small detector on pseudo boxes and score it against human ones.

    python examples/train_detector.py BOXED HUMAN.json

BOXED is a folder of ``mmscm infer --format coco --val-share 0.2``; HUMAN.json
is BOXED/annotations/val.json with boxes corrected by hand, of all images or
some. Needs torchvision and pycocotools.
"""

import argparse
import contextlib
import io
from pathlib import Path

import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from torchvision.io import ImageReadMode, read_image
from torchvision.models import MobileNet_V3_Large_Weights
from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn
from torchvision.ops import box_convert

SHOWN = 50  # iterations between two lines
DEVICE = torch.device('cuda' if torch.cuda.is_available() else 'cpu')


def read_coco(path):
    with contextlib.redirect_stdout(io.StringIO()):  # it tells its steps
        return COCO(str(path))


def load(coco, folder, image_id):
    """RGB in [0, 1], shape (3, H, W), and boxes xyxy with category ids."""
    name = coco.imgs[image_id]['file_name']
    image = read_image(str(folder / name), ImageReadMode.RGB) / 255
    rows = [row for row in coco.imgToAnns[image_id] if min(row['bbox'][2:])]
    boxes = torch.tensor([row['bbox'] for row in rows]).reshape(-1, 4)
    labels = torch.tensor([row['category_id'] for row in rows])
    return image, box_convert(boxes, 'xywh', 'xyxy'), labels.long()


def train(coco, folder, iterations, batch_size=4, pretrained=False):
    """A model and the category id of each of its labels."""
    # those with boxes; 0 is the background
    ids = [-1, *sorted({row['category_id'] for row in coco.anns.values()})]
    weights = MobileNet_V3_Large_Weights.DEFAULT if pretrained else None
    model = fasterrcnn_mobilenet_v3_large_320_fpn(
        weights=None, weights_backbone=weights, num_classes=len(ids)
    ).to(DEVICE)
    optimizer = torch.optim.AdamW(model.parameters(), 5e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-4, iterations)
    image_ids = list(coco.imgs)
    for step in range(iterations):
        images, targets = [], []
        for index in torch.randint(len(image_ids), (batch_size,)).tolist():
            image, boxes, labels = load(coco, folder, image_ids[index])
            if torch.rand(()) < 0.5:
                image = image.flip(-1)
                boxes[:, [0, 2]] = image.shape[-1] - boxes[:, [2, 0]]
            labels = torch.tensor([ids.index(i) for i in labels.tolist()])
            images.append(image.to(DEVICE))
            target = dict(boxes=boxes, labels=labels.long())
            targets.append({k: v.to(DEVICE) for k, v in target.items()})
        loss = sum(model(images, targets).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % SHOWN == 0 or step == iterations - 1:
            print(f'iteration {step}, loss {loss.item():.3f}', flush=True)
    return model.eval(), ids


@torch.no_grad()
def detect(model, ids, coco, folder):
    """COCO's list of results for all images."""
    found = []
    for image_id in coco.imgs:
        (output,) = model([load(coco, folder, image_id)[0].to(DEVICE)])
        boxes = box_convert(output['boxes'], 'xyxy', 'xywh').tolist()
        labels, scores = output['labels'].tolist(), output['scores'].tolist()
        for box, label, score in zip(boxes, labels, scores, strict=True):
            row = dict(image_id=image_id, category_id=ids[label])
            found.append(row | dict(bbox=box, score=score))
    return found


def average_precision(human, results):
    """AP at IoU 0.5, percent."""
    if not results:
        return 0.0
    with contextlib.redirect_stdout(io.StringIO()):
        scores = COCOeval(human, human.loadRes(results), 'bbox')
        scores.evaluate()
        scores.accumulate()
        scores.summarize()
    return 100 * scores.stats[1]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('folder', type=Path, metavar='BOXED')
    parser.add_argument('human', metavar='HUMAN.json')
    parser.add_argument('--iterations', type=int, default=2000)
    parser.add_argument(
        '--pretrained',
        action='store_true',
        help="download the backbone's weights of ImageNet",
    )
    args = parser.parse_args()
    torch.manual_seed(0)
    pseudo, images = args.folder / 'annotations', args.folder / 'images'
    model, ids = train(
        read_coco(pseudo / 'train.json'),
        images / 'train',
        args.iterations,
        pretrained=args.pretrained,
    )
    human = read_coco(args.human)
    val = read_coco(pseudo / 'val.json')
    rows = {
        'pseudo boxes': [
            row for row in val.anns.values() if row['image_id'] in human.imgs
        ],
        'detector': detect(model, ids, human, images / 'val'),
    }
    print('AP50 against human boxes, percent:')
    for name, results in rows.items():
        print(f'{name:12} {average_precision(human, results):5.1f}')


if __name__ == '__main__':
    main()
