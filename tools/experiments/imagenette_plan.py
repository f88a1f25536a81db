"""The runs of docs/evidence.md: tools/experiments/run.py.

A run is skipped when it is finished and goes on when it was interrupted, so
the file can grow. Order is priority.
"""

work_dir = 'work_dirs/evidence'
train = ['--amp']  # bfloat16 on a CPU
common = {'train_dataloader.num_workers': 1}

_tscam = 'configs/tscam/vit-micro_imagenette.py'
_scm = 'configs/scm/vit-micro_imagenette.py'
_released = 'configs/evidence/scm_released.py'


def _run(name, config, lr, epochs, seed, **options):
    return dict(
        name=name,
        config=config,
        start='start/epoch_8.pth',
        options={
            'optim_wrapper.optimizer.lr': lr,
            'train_cfg.max_epochs': epochs,
            'param_scheduler.1.T_max': epochs,
            'randomness.seed': seed,
            **options,
        },
    )


# A vit-micro of 200 other ImageNet classes at 64 px (convert_released.py)
_weights = '../vit-micro_tinyimagenet.pth'

_start = dict(
    name='start',
    config='configs/evidence/start.py',
    start=_weights,
    options={'randomness.seed': 26},
)

# The same eight epochs with the neck from the beginning
_start_scm = dict(
    name='start-scm',
    config='configs/evidence/start_scm.py',
    start=_weights,
    options={'randomness.seed': 26},
)

# The pair again, with other orders of the images and other crops
_more_pairs = [
    {
        **run,
        'name': f'{run["name"]}_seed{seed}',
        'options': {'randomness.seed': seed},
    }
    for seed in (1, 2)
    for run in (_start, _start_scm)
]

# Same budget for both: three learning rates, two epochs, seed 0
_search = [
    _run(f'{method}_lr{lr:g}_seed0', config, lr, 2, 0)
    for lr in (3e-4, 1e-4, 1e-3)
    for method, config in (('tscam', _tscam), ('scm', _scm))
]

# The best of the search on val for each method
_lr = dict(tscam=3e-4, scm=1e-3)

# Seed 0 of the two is in the search
_main = [
    _run(f'{method}_lr{lr:g}_seed{seed}', config, lr, 2, seed)
    for seed in (1, 2)
    for method, config, lr in (
        ('tscam', _tscam, _lr['tscam']),
        ('scm', _scm, _lr['scm']),
    )
] + [
    _run(
        f'released_lr{_lr["scm"]:g}_seed{seed}', _released, _lr['scm'], 2, seed
    )
    for seed in (0, 1, 2)
]

# One epoch and one seed each, judged on val
_ablations = [
    _run(f'ablation_{name}', config, _lr['scm'], 1, 0, **options)
    for name, config, options in (
        ('tscam', _tscam, {}),
        ('scm', _scm, {}),
        ('blocks-0', _scm, {'model.neck.num_blocks': 0}),
        ('detach-off', _scm, {'model.neck.detach_init': False}),
        ('no-residual', _scm, {'model.neck.with_residual': False}),
        ('no-filter', _scm, {'model.neck.with_filter': False}),
        (
            'lambda-0',
            _scm,
            {'model.neck.learn_lambda': False, 'model.neck.init_lambda': 0.0},
        ),
        ('blocks-1', _scm, {'model.neck.num_blocks': 1}),
        ('blocks-2', _scm, {'model.neck.num_blocks': 2}),
        ('blocks-6', _scm, {'model.neck.num_blocks': 6}),
        ('p-2', _scm, {'model.neck.num_iters': 2}),
        ('p-6', _scm, {'model.neck.num_iters': 6}),
        ('blocks-3', _scm, {'model.neck.num_blocks': 3}),
        ('blocks-5', _scm, {'model.neck.num_blocks': 5}),
        # alpha large enough that p = 4 steps leave their first order
        ('alpha-2', _scm, {'model.neck.init_scale': 2.0}),
    )
]

# The long pair at 64 px: 8 x 8 patches instead of 14 x 14
_grid_8 = [
    {
        **run,
        'name': f'{run["name"]}-64px',
        'options': {
            'randomness.seed': 26,
            'model.backbone.img_size': 64,
            'train_dataloader.dataset.pipeline.1.scale': 64,
            'val_dataloader.dataset.pipeline.1.scale': (64, 64),
            'test_dataloader.dataset.pipeline.1.scale': (64, 64),
        },
    }
    for run in (_start, _start_scm)
]

# Both from the weights of the start, half as long and with another seed
_shorter = [
    dict(
        name=f'weights-{method}_seed0',
        config=config,
        start=_weights,
        options={
            'train_cfg.max_epochs': 4,
            'param_scheduler.1.T_max': 4,
            'randomness.seed': 0,
        },
    )
    for method, config in (
        ('scm', 'configs/evidence/start_scm.py'),
        ('tscam', 'configs/evidence/start.py'),
    )
]

runs = [
    _start,
    *_search,
    *_main,
    _start_scm,
    *_more_pairs,
    *_shorter,
    *_ablations,
    *_grid_8,
]
