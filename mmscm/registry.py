"""Registries of mmscm, children of mmengine's root registries.

Configs name parts of mmscm as ``mmscm.X``; importing is left to mmengine,
which finds them through ``locations``.
"""

from mmengine import registry as host
from torch.serialization import add_safe_globals

from mmscm.allow_list import safe_globals

add_safe_globals(safe_globals())  # what mmengine's checkpoints hold


def _child(parent: host.Registry, location: str) -> host.Registry:
    return host.Registry(
        parent.name, parent=parent, scope='mmscm', locations=[location]
    )


MODELS = _child(host.MODELS, 'mmscm.models')
DATASETS = _child(host.DATASETS, 'mmscm.datasets')
DATA_SAMPLERS = _child(host.DATA_SAMPLERS, 'mmscm.datasets')
TRANSFORMS = _child(host.TRANSFORMS, 'mmscm.datasets')
METRICS = _child(host.METRICS, 'mmscm.evaluation')
VISUALIZERS = _child(host.VISUALIZERS, 'mmscm.visualization')
HOOKS = _child(host.HOOKS, 'mmscm.engine')
OPTIM_WRAPPERS = _child(host.OPTIM_WRAPPERS, 'mmscm.engine')
