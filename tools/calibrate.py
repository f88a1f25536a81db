#!/usr/bin/env python
"""Choose a checkpoint's thresholds: tools/calibrate.py CONFIG CHECKPOINT.

The best threshold of every value on the val split goes into the meta of the
checkpoint; tools/test.py and inference use it. Training does the same for
its best checkpoint.
"""

from __future__ import annotations

import argparse

from mmengine.dist import is_main_process
from torch.distributed.elastic.multiprocessing.errors import record

from mmscm.apis import load_config
from mmscm.apis.calibration import calibrate
from mmscm.engine.checkpoint import refuse_code_in_checkpoints
from mmscm.options import run_parser


def parse_args() -> argparse.Namespace:
    parser = run_parser(__doc__)
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument(
        '--out',
        default='',
        metavar='FILE',
        help='write the calibrated checkpoint here and leave the other',
    )
    return parser.parse_args()


@record  # torchrun quotes the error of the process that failed first
def main() -> None:
    args = parse_args()
    refuse_code_in_checkpoints()
    cfg = load_config(args.config, args.work_dir, args.cfg_options)
    thresholds = calibrate(cfg, args.checkpoint, args.out, args.launcher)
    if is_main_process():
        for key, cam_thr in thresholds.cam_thrs.items():
            chosen = 'none: every box misses' if cam_thr is None else cam_thr
            print(f'{key}  {chosen}')
        print(f'stored in {args.out or args.checkpoint}')


if __name__ == '__main__':
    main()
