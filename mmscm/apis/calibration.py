"""Choose thresholds on the val split and keep them with the checkpoint."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

from mmengine.config import Config
from mmengine.dist import broadcast_object_list, is_main_process

from mmscm.apis.results import scores_of
from mmscm.apis.runner import build_runner, set_testing
from mmscm.engine.thresholds import StoredThresholds, store_thresholds
from mmscm.evaluation.score import warn_of_doubts


def calibrate(
    cfg: Config,
    checkpoint: str | Path,
    out: str | Path = '',
    launcher: str = 'none',
) -> StoredThresholds:
    """Score the val split and store the best threshold of every value.

    ``val_dataloader`` and ``val_evaluator`` of what :func:`load_config`
    returned are used. The result, returned on every process, is written
    into the local file ``checkpoint``, replaced at once, or else to ``out``.
    """
    cfg = deepcopy(cfg)
    if cfg.get('val_dataloader') is None or cfg.get('val_evaluator') is None:
        raise ValueError(
            'Expected `val_dataloader` and `val_evaluator` in the config to '
            'choose thresholds with, but got none.'
        )
    cfg.test_dataloader = cfg.val_dataloader
    cfg.test_evaluator = cfg.val_evaluator
    set_testing(cfg, str(checkpoint))
    runner = build_runner(cfg, launcher=launcher)
    values = runner.test()
    metrics = runner.test_evaluator.metrics
    warn_of_doubts(scores_of(metrics))
    hook = (cfg.get('default_hooks') or {}).get('store_thresholds') or {}
    split = hook.get('split', 'val')
    found = [StoredThresholds.from_metrics(split, metrics)]
    broadcast_object_list(found)  # the main process has the scores
    if found[0] is None:
        raise ValueError(
            'Expected a metric with a threshold in `val_evaluator`, but got '
            f'values of {sorted(values)} only.'
        )
    if is_main_process():
        store_thresholds(checkpoint, found[0], out)
    return found[0]
