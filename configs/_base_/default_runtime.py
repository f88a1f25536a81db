"""What all runs share: hooks, logging, environment, seed."""

# parts of the host have no prefix, those of this project are `mmscm.X`
default_scope = 'mmpretrain'

default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),  # iterations
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(
        type='mmscm.CheckpointHook',
        interval=1,  # epochs
        max_keep_ckpts=2,
        # the paper keeps the checkpoint with the best GT-Known (Sec. 4.1)
        save_best='wsol/gt_known',
        rule='greater',
    ),
    sampler_seed=dict(type='mmscm.EpochSeedHook'),
    # NaN or inf ends the training before it reaches the weights
    stop_on_non_finite=dict(type='mmscm.StopOnNonFiniteHook'),
    # tools/test.py --show-dir switches it on
    visualization=dict(type='VisualizationHook', enable=False),
)

# Which split the best checkpoint is chosen on: 'val', or 'test' as the paper
# and the released code do, which fits the choice to the reported numbers.
select_on = 'val'

env_cfg = dict(
    cudnn_benchmark=True,  # one input size
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(
        backend='nccl',  # without a GPU the tools start gloo
        # Seconds that a process waits for another before the run fails;
        # they wait while the first computes the metrics. 600 is torch's
        # own for NCCL.
        timeout=600,
    ),
)

# tools/train.py adds TensorBoard where it is installed
visualizer = dict(
    type='mmscm.LocalizationVisualizer',
    vis_backends=[dict(type='LocalVisBackend')],
)

log_processor = dict(by_epoch=True, window_size=50)  # mean over iterations
log_level = 'INFO'

load_from = None
resume = False

randomness = dict(seed=26, deterministic=False)  # seed of the released code
