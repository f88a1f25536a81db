"""What all runs share: hooks, logging, environment, seed."""

# parts of the host have no prefix, those of this project are `mmscm.X`
default_scope = 'mmpretrain'

default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),  # iterations
    param_scheduler=dict(type='mmscm.ParamSchedulerHook'),
    checkpoint=dict(
        type='mmscm.CheckpointHook',
        interval=1,  # epochs
        max_keep_ckpts=2,
        # the paper keeps the checkpoint with the best GT-Known (Sec. 4.1)
        save_best='wsol/gt_known',
        rule='greater',
    ),
    # a resumed training repeats the uninterrupted one
    sampler_seed=dict(type='mmscm.EpochSeedHook'),
    # before anything: the head has the classes of the data, metrics have
    # what they need, a checkpoint fills the model
    class_count=dict(type='mmscm.ClassCountHook'),
    check_validation=dict(type='mmscm.CheckValidationHook'),
    require_weights=dict(type='mmscm.RequireWeightsHook'),
    # NaN or inf ends the training before it reaches the weights
    stop_on_non_finite=dict(type='mmscm.StopOnNonFiniteHook'),
    # the best checkpoint keeps the thresholds of its validation
    store_thresholds=dict(type='mmscm.StoreThresholdsHook', split='val'),
    # tools/test.py --show-dir switches it on
    visualization=dict(type='VisualizationHook', enable=False),
)

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

visualizer = dict(
    type='mmscm.LocalizationVisualizer',
    vis_backends=[
        dict(type='LocalVisBackend'),
        dict(type='TensorboardVisBackend'),
    ],
)

log_processor = dict(by_epoch=True, window_size=50)  # mean over iterations
log_level = 'INFO'

load_from = None
resume = False

randomness = dict(seed=26, deterministic=False)  # seed of the released code
