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


_start = dict(
    name='start',
    config='configs/evidence/start.py',
    options={'randomness.seed': 26},
)

# Same budget for both: three learning rates, two epochs, seed 0
_search = [
    _run(f'{method}_lr{lr:g}_seed0', config, lr, 2, 0)
    for lr in (3e-4, 1e-4, 1e-3)
    for method, config in (('tscam', _tscam), ('scm', _scm))
]

runs = [_start, *_search]
