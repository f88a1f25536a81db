"""Names of types and arguments in a config, checked before any is built."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from mmengine import registry as roots
from mmengine.config import Config
from mmengine.registry import Registry
from mmpretrain.registry import BATCH_AUGMENTS

import mmscm.registry  # noqa: F401  (the registries of mmscm exist from here)

# Key of a config -> registry of the types below it, unless a deeper key says
# otherwise. Types below other keys are left to the host.
REGISTRIES = {
    'model': roots.MODELS,
    'data_preprocessor': roots.MODELS,
    'init_cfg': roots.WEIGHT_INITIALIZERS,
    'augments': BATCH_AUGMENTS,
    'dataset': roots.DATASETS,
    'pipeline': roots.TRANSFORMS,
    'transforms': roots.TRANSFORMS,
    'sampler': roots.DATA_SAMPLERS,
    'collate_fn': roots.FUNCTIONS,
    'val_evaluator': roots.METRICS,
    'test_evaluator': roots.METRICS,
    'default_hooks': roots.HOOKS,
    'custom_hooks': roots.HOOKS,
    'visualizer': roots.VISUALIZERS,
    'vis_backends': roots.VISBACKENDS,
    'optimizer': roots.OPTIMIZERS,
    'param_scheduler': roots.PARAM_SCHEDULERS,
}
OF_THE_HOST = {'type', 'priority', '_scope_'}  # taken before the constructor


def check_types(cfg: Config) -> None:
    """Refuse unknown types, and unknown arguments of mmscm's own.

    Args:
        cfg (Config): Complete.

    Raises:
        ValueError: The place in the config and the nearest name.
    """
    scope = cfg.get('default_scope') or 'mmengine'
    for place, entry, root in _typed(cfg.to_dict(), '', None):
        with root.switch_scope_and_registry(scope) as registry:
            found = registry.get(entry['type'])
        if found is None:
            names = _names(root, registry, entry['type'])
            raise _unknown(f'{place}.type', entry['type'], names)
        if getattr(found, '__module__', '').startswith('mmscm.'):
            _check_arguments(place, entry, found)


def _typed(
    node: Any, place: str, root: Registry | None
) -> Iterator[tuple[str, Mapping, Registry]]:
    """Place, dict and registry of every dict with a type of known kind."""
    if isinstance(node, Mapping):
        if root is not None and isinstance(node.get('type'), str):
            yield place, node, root
        children: Iterable[tuple[Any, Any]] = node.items()
    elif isinstance(node, (list, tuple)):
        children = enumerate(node)
    else:
        return
    for key, child in children:
        inner = f'{place}.{key}' if place else str(key)
        # the keys of default_hooks are names of hooks
        deeper = None if root is roots.HOOKS else REGISTRIES.get(key)
        yield from _typed(child, inner, deeper or root)


def _check_arguments(place: str, entry: Mapping, found: type) -> None:
    parameters = inspect.signature(found).parameters
    kinds = {parameter.kind for parameter in parameters.values()}
    if inspect.Parameter.VAR_KEYWORD in kinds:
        return  # passed on to the host's constructor
    for key in entry:
        if key not in parameters and key not in OF_THE_HOST:
            raise _unknown(f'{place}.{key}', key, parameters)


def _names(root: Registry, registry: Registry, got: str) -> list[str]:
    """What a config may write: the host's names bare, ours with prefix."""
    own = root.children.get('mmscm')
    ours = [f'mmscm.{name}' for name in own.module_dict] if own else []
    if got.startswith('mmscm.'):
        return ours
    return [*root.module_dict, *registry.module_dict, *ours]


def _unknown(place: str, got: str, names: Iterable[str]) -> ValueError:
    last = {name.split('.')[-1].lower(): name for name in names}
    near = get_close_matches(got.split('.')[-1].lower(), last, n=1, cutoff=0.5)
    hint = f'Did you mean {last[near[0]]!r}?' if near else ''
    return ValueError(
        f'Expected a known name at `{place}` of the config, but got {got!r}. '
        f'{hint}'.strip()
    )
