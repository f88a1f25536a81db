"""Registries of mmscm, children of mmengine's root registries.

Configs name parts of mmscm as ``mmscm.X``; importing is left to mmengine,
which finds them through ``locations``.
"""

from mmengine.registry import DATA_SAMPLERS as MMENGINE_DATA_SAMPLERS
from mmengine.registry import DATASETS as MMENGINE_DATASETS
from mmengine.registry import HOOKS as MMENGINE_HOOKS
from mmengine.registry import METRICS as MMENGINE_METRICS
from mmengine.registry import MODELS as MMENGINE_MODELS
from mmengine.registry import OPTIM_WRAPPERS as MMENGINE_OPTIM_WRAPPERS
from mmengine.registry import TRANSFORMS as MMENGINE_TRANSFORMS
from mmengine.registry import VISUALIZERS as MMENGINE_VISUALIZERS
from mmengine.registry import Registry
from torch.serialization import add_safe_globals

from mmscm.allow_list import safe_globals

add_safe_globals(safe_globals())  # what mmengine's checkpoints hold


def _child(parent: Registry, location: str) -> Registry:
    return Registry(
        parent.name, parent=parent, scope='mmscm', locations=[location]
    )


MODELS = _child(MMENGINE_MODELS, 'mmscm.models')
DATASETS = _child(MMENGINE_DATASETS, 'mmscm.datasets')
DATA_SAMPLERS = _child(MMENGINE_DATA_SAMPLERS, 'mmscm.datasets')
TRANSFORMS = _child(MMENGINE_TRANSFORMS, 'mmscm.datasets')
METRICS = _child(MMENGINE_METRICS, 'mmscm.evaluation')
VISUALIZERS = _child(MMENGINE_VISUALIZERS, 'mmscm.visualization')
HOOKS = _child(MMENGINE_HOOKS, 'mmscm.engine')
OPTIM_WRAPPERS = _child(MMENGINE_OPTIM_WRAPPERS, 'mmscm.engine')
