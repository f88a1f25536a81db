#!/usr/bin/env python
"""Score boxes in the middle of every image, which need no model.

python tools/analysis/centre_box.py data/wsol_metadata/CUB/test
"""

from __future__ import annotations

from eval_maps import read_split_boxes
from rich.console import Console
from rich.table import Table

from mmscm.evaluation import get_protocol
from mmscm.evaluation.null_rows import best_centre_box, gaussian_row
from mmscm.options import make_parser

IOU_THRS = (0.3, 0.5, 0.7)


def main() -> None:
    parser = make_parser(__doc__)
    parser.add_argument(
        'split_folder',
        help='folder of image_ids.txt, image_sizes.txt and localization.txt',
    )
    parser.add_argument(
        '--size',
        type=int,
        default=224,
        help='side of the network input in pixels (default: 224)',
    )
    args = parser.parse_args()
    protocol = get_protocol('wsoleval')
    boxes = read_split_boxes(args.split_folder, args.size, protocol)
    boxes = list(boxes.values())
    table = Table(
        'Null row',
        'Percent',
        'Chosen with the ground truth',
        title=f'{args.split_folder}: {len(boxes)} images, {args.size} px',
    )
    best = [best_centre_box(boxes, args.size, iou) for iou in IOU_THRS]
    for iou, (rate, side) in zip(IOU_THRS, best, strict=True):
        name = f'best centred square, IoU {iou}'
        table.add_row(name, f'{rate:.2f}', f'side {side} px')
    mean = sum(rate for rate, _ in best) / len(best)
    table.add_row('best centred squares, mean', f'{mean:.2f}', 'the sides')
    gaussian = gaussian_row(boxes, args.size)
    for name, rate in (
        ('centre Gaussian, MaxBoxAcc', gaussian.max_box_acc),
        ('centre Gaussian, MaxBoxAccV2', gaussian.max_box_acc_v2),
        ('centre Gaussian, first box only', gaussian.first_box),
    ):
        table.add_row(name, f'{rate:.2f}', 'threshold')
    Console().print(table)


if __name__ == '__main__':
    main()
