"""What is measured: models and inputs of one size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope
from mmpretrain.structures import DataSample
from torch import Tensor

from mmscm.models import WSOLClassifier
from mmscm.registry import MODELS

CONFIGS = Path(__file__).parents[3] / 'configs/_base_/models'
DTYPES = {'float32': torch.float32, 'bfloat16': torch.bfloat16}


@dataclass
class Setting:
    """Sizes of a run.

    Args:
        batch (int): Images in a batch.
        num_classes (int): C.
        img_size (int): Side of the square images, pixels.
        rounds (int): Measured rounds of every comparison.
        clock (str): See :func:`~.timing.compare`.
        compiled (bool): Of a step, measure compiled backbones too.
    """

    batch: int = 8
    num_classes: int = 200
    img_size: int = 224
    rounds: int = 5
    clock: str = 'cpu'
    compiled: bool = False

    def model(self, method: str, arch: str = 'deit-small') -> WSOLClassifier:
        """'scm' or 'tscam' with random weights and without drop path."""
        MMLogger.get_instance('benchmark', log_level='ERROR')
        init_default_scope('mmpretrain')
        cfg = Config.fromfile(CONFIGS / f'{method}_{arch}.py').model
        cfg.backbone.pop('init_cfg', None)
        cfg.backbone.update(img_size=self.img_size, drop_path_rate=0.0)
        cfg.head.num_classes = self.num_classes
        # both methods train on calibrated attention here: equal work but
        # for the neck
        cfg.attention_norm = 'min_max'
        torch.manual_seed(0)
        model = MODELS.build(cfg)
        model.init_weights()
        return model

    def inputs(self) -> tuple[Tensor, list[DataSample]]:
        """Random images (B, 3, H, W) and their labels."""
        torch.manual_seed(1)
        images = torch.randn(self.batch, 3, self.img_size, self.img_size)
        labels = torch.randint(self.num_classes, (self.batch,)).tolist()
        return images, [DataSample().set_gt_label(i) for i in labels]
