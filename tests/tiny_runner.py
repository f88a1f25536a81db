"""A stand-in that trains in milliseconds: one linear layer on vectors.

Used by the tests of launching, checkpoints and tools. A config file reaches
its parts with ``custom_imports = dict(imports='tiny_runner')``.
"""

import torch
from mmengine.config import Config
from mmengine.evaluator import BaseMetric
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.registry import DATASETS, HOOKS, METRICS, MODELS
from torch import nn
from torch.utils.data import Dataset

SAMPLES = 11  # odd, so that two processes cannot share them evenly


@MODELS.register_module()
class TinyModel(BaseModel):
    """Vectors (B, 4) to two classes, with a learned 0-d scale."""

    def __init__(self, classes=2):
        super().__init__()
        self.linear = nn.Linear(4, classes)
        self.scale = nn.Parameter(torch.tensor(1.0))

    def forward(self, inputs, labels, mode='tensor'):
        logits = self.scale * self.linear(torch.stack(list(inputs)))
        labels = torch.as_tensor(labels)
        if mode == 'loss':
            return {'loss': nn.functional.cross_entropy(logits, labels)}
        return (logits.argmax(1) == labels).tolist()


@DATASETS.register_module()
class TinyDataset(Dataset):
    """Random vectors whose class is the sign of their sum."""

    def __init__(self, samples=SAMPLES):
        generator = torch.Generator().manual_seed(0)
        self.vectors = torch.randn(samples, 4, generator=generator)

    def __len__(self):
        return len(self.vectors)

    def __getitem__(self, index):
        vector = self.vectors[index]
        return {'inputs': vector, 'labels': int(vector.sum() > 0)}


@METRICS.register_module()
class TinyAccuracy(BaseMetric):
    """Percent of right labels and the number of samples counted."""

    def process(self, data_batch, data_samples):
        self.results += data_samples

    def compute_metrics(self, results):
        right = 100 * sum(results) / len(results)
        return {'wsol/gt_known': right, 'wsol/samples': len(results)}


@HOOKS.register_module()
class FailingHook(Hook):
    """Fail in the third iteration of the second process."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.rank == 1 and batch_idx == 2:
            raise ValueError('the disk of process 1 is full')


def tiny_config(work_dir: str, max_epochs: int = 2) -> Config:
    """A complete config for mmengine's Runner."""
    loader = dict(
        batch_size=4,
        num_workers=0,
        dataset=dict(type='TinyDataset'),
        sampler=dict(type='DefaultSampler', shuffle=False),
    )
    optimizer = dict(type='AdamW', lr=0.1, betas=(0.9, 0.99))
    checkpoint = dict(type='CheckpointHook', interval=1, rule='greater')
    checkpoint['save_best'] = 'wsol/gt_known'
    parts = dict(
        default_scope='mmengine',
        work_dir=work_dir,
        model=dict(type='TinyModel'),
        train_cfg=dict(by_epoch=True, max_epochs=max_epochs),
        optim_wrapper=dict(type='OptimWrapper', optimizer=optimizer),
        param_scheduler=dict(type='MultiStepLR', milestones=[1]),
        default_hooks=dict(checkpoint=checkpoint),
        randomness=dict(seed=0),
        experiment_name=f'tiny {work_dir} {max_epochs}',
    )
    parts |= dict(val_cfg={}, test_cfg={}, train_dataloader=loader)
    for split in ('val', 'test'):
        parts[f'{split}_dataloader'] = loader
        parts[f'{split}_evaluator'] = dict(type='TinyAccuracy')
    return Config(parts)
