#!/usr/bin/env python
"""Measure speed and memory: python tools/benchmark.py --what neck.

neck       one diffusion block on growing grids, against the formulas as they
           stand: time, memory kept for backward, launches
step       a training step, against the dense model and TS-CAM
overhead   a training step of SCM against TS-CAM only
inference  images to localization maps, against the dense model
boxes      boxes of all thresholds, against a contour call for each

Variants run in turn, and what counts is the ratio to the first of them: times
drift with the load of a machine, ratios within a round do not.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import time
import warnings
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope
from mmpretrain.models.backbones import VisionTransformer
from mmpretrain.structures import DataSample
from torch import Tensor, nn
from torch._ops import OpOverload
from torch.autograd.graph import saved_tensors_hooks
from torch.utils._python_dispatch import TorchDispatchMode

from mmscm.functional.boxes import ThresholdedMap, contour_boxes
from mmscm.functional.maps import min_max_normalize, resize_maps
from mmscm.models import ActivationDiffusionBlock, WSOLClassifier
from mmscm.registry import MODELS

CONFIGS = Path(__file__).parents[1] / 'configs/_base_/models'
# settings of configs/_base_/schedules/cub_30e.py
ADAMW = dict(lr=5e-5, betas=(0.9, 0.99), weight_decay=5e-4)
SIDES = (7, 14, 20, 24, 28, 32)
LARGE_SIDES = (48, 64)  # the dense block would need 6 GB at 64 x 64
NUM_MAPS = 100
STEPS = {100: 0.01, 1000: 0.001}  # thresholds in the evaluators of the field
Variants = Mapping[str, Callable[[], object]]


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument('--what', choices=BENCHMARKS, required=True)
    parser.add_argument('--batch', type=int, default=8)
    parser.add_argument('--num-classes', type=int, default=200)
    parser.add_argument('--img-size', type=int, default=224, help='pixels')
    parser.add_argument('--arch', default='deit-small')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--device', default='cpu', help='cpu or cuda')
    parser.add_argument(
        '--clock',
        choices=('cpu', 'wall'),
        default='cpu',
        help='cpu, the time of this process, leaves out what others do\n'
        'meanwhile; on a GPU it is always the wall clock',
    )
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument(
        '--out',
        type=Path,
        default=Path('work_dirs/benchmark'),
        help='folder of WHAT.json',
    )
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    warnings.simplefilter('ignore')
    torch.set_num_threads(args.threads)
    rows = BENCHMARKS[args.what](args)
    print(table(rows))
    path = args.out / f'{args.what}.json'
    path.parent.mkdir(parents=True, exist_ok=True)
    report = dict(setting=vars(args), environment=environment(), rows=rows)
    path.write_text(json.dumps(report, indent=1, default=str) + '\n')


def compare(case: str, variants: Variants, args: argparse.Namespace) -> list:
    """Run every variant once a round, after one for warming up.

    Args:
        case (str): What is run, such as the grid.
        variants (Variants): Name to function without arguments.
        args (argparse.Namespace): Rounds, clock and device.

    Returns:
        list[dict]: For each variant the median and the minimum over the
        rounds, in milliseconds, and median and quartiles of time / time of
        the first variant in the same round.
    """
    rounds = [
        [milliseconds(run, args) for run in variants.values()]
        for _ in range(1 + args.rounds)
    ]
    times = np.array(rounds[1:])  # (rounds, variants)
    ratios = np.quantile(times / times[:, :1], (0.5, 0.25, 0.75), axis=0)
    return [
        dict(
            case=case,
            variant=name,
            ms=float(np.median(times[:, i])),
            fastest=float(times[:, i].min()),
            ratio=float(ratios[0, i]),
            quartiles=ratios[1:, i].tolist(),
        )
        for i, name in enumerate(variants)
    ]


def milliseconds(run: Callable[[], object], args: argparse.Namespace) -> float:
    """Time of one call; a GPU is waited for before and after."""
    cuda = args.device.startswith('cuda')
    wall = cuda or args.clock == 'wall'
    clock = time.perf_counter if wall else time.process_time
    wait = torch.cuda.synchronize if cuda else lambda: None
    wait()
    start = clock()
    run()
    wait()
    return (clock() - start) * 1e3


def saved_megabytes(run: Callable[[], object]) -> float:
    """What the graph of a forward pass keeps, each storage once."""
    sizes, held = {}, []

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        sizes[storage.data_ptr()] = storage.nbytes()
        held.append(tensor)  # an address is not used twice while this lives
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        held.append(run())
    return sum(sizes.values()) / 1e6


class LaunchCounter(TorchDispatchMode):
    """Counts operators that write memory: a kernel on a GPU, or more."""

    free = ('empty', 'new_empty', '_unsafe_view')

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(
        self,
        func: OpOverload,
        types: object,
        args: tuple = (),
        kwargs: dict | None = None,
    ) -> object:
        returned = func._schema.returns
        is_view = returned and all(
            value.alias_info is not None and not value.alias_info.is_write
            for value in returned
        )
        self.count += not (is_view or func.__name__.startswith(self.free))
        return func(*args, **(kwargs or {}))


def launches(run: Callable[[], object]) -> int:
    """Operators of a second call, when constants are there."""
    run()
    with LaunchCounter() as counter:
        run()
    return counter.count


def dense_block(
    semantic: Tensor,
    attention: Tensor,
    lambda_: Tensor,
    beta: Tensor,
    num_iters: int = 4,
    init_scale: float = 0.002,
) -> tuple[Tensor, Tensor]:
    """One diffusion block (Eqs. 3 to 7) in N x N matrices with autograd.

    Args:
        semantic (Tensor): S, shape (B, C, H, W).
        attention (Tensor): F, shape (B, H, W).
        lambda_ (Tensor): Weight of the similarity, 0-d.
        beta (Tensor): Filtering threshold, 0-d.
        num_iters (int): p.
        init_scale (float): alpha.

    Returns:
        tuple[Tensor, Tensor]: S' and F', same shapes.
    """
    unit = F.normalize(semantic.flatten(2), dim=1)
    similarity = unit.mT @ unit  # (B, N, N)
    laplacian = grid_laplacian(*semantic.shape[-2:]).to(semantic)
    laplacian = laplacian * (lambda_ * similarity - 1)
    identity = torch.eye(laplacian.shape[-1]).to(semantic)
    inverse = (init_scale * laplacian.mT).detach()
    for _ in range(num_iters):
        inverse = inverse @ (2 * identity - laplacian @ inverse)
    diffused = inverse @ attention.flatten(1)[..., None]  # (B, N, 1)
    strong = diffused / (beta * attention.amax((1, 2))[:, None, None])
    strong = strong - strong.tanh()
    low, high = strong.amin(1, keepdim=True), strong.amax(1, keepdim=True)
    update = ((strong - low) / (high - low)).view_as(attention)
    return semantic + semantic * update[:, None], attention + update


def grid_laplacian(height: int, width: int) -> Tensor:
    """D - A of the 4-neighbour grid, shape (N, N)."""
    cells = torch.cartesian_prod(torch.arange(height), torch.arange(width))
    adjacency = ((cells[:, None] - cells).abs().sum(-1) == 1).float()
    return adjacency.sum(1).diag() - adjacency


class DenseViT(nn.Module):
    """A ViT with the attention matrices of all layers kept and averaged.

    Args:
        backbone (nn.Module): Whose layers it takes.
    """

    returns_attention = True

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        for layer in backbone.layers:
            layer.attn.scaled_dot_product_attention = self._attend

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Patch tokens (B, D, H, W) and attention map (B, H, W)."""
        self.matrices: list[Tensor] = []
        tokens = VisionTransformer.forward(self.backbone, images)[-1]
        mean = torch.stack(self.matrices).mean(2).mean(0)  # (B, T, T)
        return tokens, mean[:, 0, 1:].unflatten(1, tokens.shape[-2:])

    def _attend(
        self, query: Tensor, key: Tensor, value: Tensor, dropout_p: float
    ) -> Tensor:
        scores = query @ key.mT * query.shape[-1] ** -0.5
        self.matrices.append(scores.softmax(-1))
        return self.matrices[-1] @ value


def make_dense(model: WSOLClassifier) -> WSOLClassifier:
    """A copy of a ViT model that computes the same in N x N matrices."""
    model = deepcopy(model)
    model.backbone = DenseViT(model.backbone)
    for block in model.neck.blocks if model.with_neck else ():
        block.forward = lambda semantic, attention, block=block: dense_block(
            semantic, attention, block.lambda_, block.beta
        )
    return model


def benchmark_neck(args: argparse.Namespace) -> list[dict]:
    """One block, forward and backward, from random maps."""
    rows = []
    for side in (*SIDES, *LARGE_SIDES):
        torch.manual_seed(0)
        block = ActivationDiffusionBlock().to(args.device)
        options = dict(device=args.device, requires_grad=True)
        shape = args.batch, args.num_classes, side, side
        semantic = torch.randn(shape, **options)
        attention = torch.rand(args.batch, side, side, **options)
        inputs = semantic, attention, block.lambda_, block.beta
        upstream = torch.randn_like(semantic), torch.randn_like(attention)
        forwards = {
            'dense': lambda x=inputs: dense_block(*x),
            'mmscm': lambda x=inputs, block=block: block(*x[:2]),
        }
        if side in LARGE_SIDES:
            del forwards['dense']
        passes = {
            name: lambda f=f, x=inputs, up=upstream: torch.autograd.grad(
                f(), x, up
            )
            for name, f in forwards.items()
        }
        for row in compare(f'{side}x{side}', passes, args):
            name = row['variant']
            row['kept_mb'] = saved_megabytes(forwards[name])
            row['launches'] = launches(passes[name])
            rows.append(row)
    return rows


def benchmark_step(args: argparse.Namespace) -> list[dict]:
    """Forward, backward and AdamW in float32 and bfloat16."""
    scm, tscam = build_model(args, 'scm'), build_model(args, 'tscam')
    steps = {
        'dense float32': training_step(make_dense(scm), torch.float32, args)
    }
    for dtype in (torch.float32, torch.bfloat16):
        for name, model in (('scm', scm), ('tscam', tscam)):
            name = f'{name} {str(dtype)[6:]}'
            steps[name] = training_step(deepcopy(model), dtype, args)
    return compare(f'{args.img_size} px', steps, args)


def benchmark_overhead(args: argparse.Namespace) -> list[dict]:
    """What the neck adds to a step, in each type."""
    rows = []
    for dtype in (torch.float32, torch.bfloat16):
        pair = {
            name: training_step(build_model(args, name), dtype, args)
            for name in ('tscam', 'scm')
        }
        case = f'{args.img_size} px, {str(dtype)[6:]}'
        rows += compare(case, pair, args)
    return rows


def benchmark_inference(args: argparse.Namespace) -> list[dict]:
    """Scores and localization maps of a batch.

    The dense model maps all classes, as the released code does.
    """
    model = build_model(args, 'scm').eval()
    dense = make_dense(model)
    images, samples = build_batch(args)

    def all_maps() -> tuple[Tensor, Tensor]:
        semantic, attention = dense.extract_maps(images)
        scores = semantic.mean((2, 3)).softmax(-1)
        return scores, semantic * attention[:, None]

    def needed_maps(dtype: torch.dtype) -> list[DataSample]:
        with autocast(dtype, args):
            return model.predict(images, [s.clone() for s in samples])

    variants = {
        'dense float32': all_maps,
        'mmscm float32': lambda: needed_maps(torch.float32),
        'mmscm bfloat16': lambda: needed_maps(torch.bfloat16),
    }
    with torch.inference_mode():
        return compare(f'{args.img_size} px', variants, args)


def benchmark_boxes(args: argparse.Namespace) -> list[dict]:
    """Boxes of 100 maps: V1, the largest contour, and V2, all of them."""
    images, rows = grey_maps(args.img_size), []
    for count, step in STEPS.items():
        thrs = np.arange(0, 1, step)
        for name, every in (('V1', False), ('V2', True)):
            variants = {
                'contours': lambda t=thrs, e=every: [
                    boxes_by_contours(image, t, e) for image in images
                ],
                'mmscm': lambda t=thrs, e=every: [
                    boxes_by_sweep(image, t, e) for image in images
                ],
            }
            rows += compare(f'{name}, {count} thresholds', variants, args)
    return rows


BENCHMARKS = {
    'neck': benchmark_neck,
    'step': benchmark_step,
    'overhead': benchmark_overhead,
    'inference': benchmark_inference,
    'boxes': benchmark_boxes,
}


def build_model(args: argparse.Namespace, method: str) -> WSOLClassifier:
    """'scm' or 'tscam' with random weights and without drop path."""
    MMLogger.get_instance('benchmark', log_level='ERROR')
    init_default_scope('mmpretrain')
    cfg = Config.fromfile(CONFIGS / f'{args.arch}.py').model
    cfg.backbone.pop('init_cfg', None)
    cfg.backbone.update(img_size=args.img_size, drop_path_rate=0.0)
    cfg.head.num_classes = args.num_classes
    # equal work but for the neck
    cfg.attention_norm = 'min_max'
    if method == 'scm':
        cfg.neck = dict(type='mmscm.SCM')
    torch.manual_seed(0)
    model = MODELS.build(cfg)
    model.init_weights()
    return model.to(args.device)


def build_batch(args: argparse.Namespace) -> tuple[Tensor, list[DataSample]]:
    """Random images (B, 3, H, W) and their labels."""
    torch.manual_seed(1)
    images = torch.randn(args.batch, 3, args.img_size, args.img_size)
    labels = torch.randint(args.num_classes, (args.batch,))
    samples = [DataSample().set_gt_label(label) for label in labels]
    samples = [sample.to(args.device) for sample in samples]
    return images.to(args.device), samples


def training_step(
    model: WSOLClassifier, dtype: torch.dtype, args: argparse.Namespace
) -> Callable[[], Tensor]:
    """A function that makes one step on the same batch, to its loss."""
    images, samples = build_batch(args)
    optimizer = torch.optim.AdamW(model.parameters(), fused=True, **ADAMW)
    model.train()

    def step() -> Tensor:
        with autocast(dtype, args):
            loss = model.loss(images, samples)['loss']
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss.detach()

    return step


def autocast(dtype: torch.dtype, args: argparse.Namespace) -> torch.autocast:
    kind = torch.device(args.device).type
    return torch.autocast(kind, dtype, enabled=dtype != torch.float32)


def grey_maps(size: int) -> list[np.ndarray]:
    """Maps with few objects, enlarged from 14 x 14; uint8, (size, size)."""
    torch.manual_seed(0)
    coarse = torch.rand(NUM_MAPS, 1, 4, 4)
    patches = F.interpolate(coarse, (14, 14), mode='bicubic')[:, 0]
    maps = min_max_normalize(resize_maps(patches, (size, size)))
    return list((maps.numpy() * 255).astype(np.uint8))


def boxes_by_contours(
    image: np.ndarray, thrs: np.ndarray, every: bool
) -> list[np.ndarray]:
    """A contour call for each threshold, as the released evaluators do."""
    peak = int(image.max())
    return [contour_boxes(image, int(thr * peak), every) for thr in thrs]


def boxes_by_sweep(
    image: np.ndarray, thrs: np.ndarray, every: bool
) -> list[np.ndarray]:
    """The same boxes from one sweep over the grey levels."""
    cut = ThresholdedMap(image, thrs)
    found = cut.all_contours if every else cut.largest
    levels = np.split(found.boxes, found.starts[1:])
    return [levels[i] for i in found.level_of_thr]


def table(rows: list[dict]) -> str:
    """Markdown, with a speed-up of three or more as 1/x."""
    lines = [[_cell(key, row[key]) for key in row] for row in rows]
    lines = [list(rows[0]), ['---'] * len(rows[0]), *lines]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def _cell(key: str, value: object) -> str:
    if key == 'quartiles':
        return ' to '.join(_cell('ratio', end) for end in value)
    if key == 'ratio' and value < 1 / 3:
        return f'1/{1 / value:.1f}'
    return f'{value:.3f}' if isinstance(value, float) else str(value)


def environment() -> dict[str, object]:
    """Versions, processor and GPU."""
    cpus = Path('/proc/cpuinfo')
    text = cpus.read_text(encoding='utf-8') if cpus.exists() else ''
    names = re.findall(r'model name\s*: (.*)', text)
    gpu = torch.cuda.is_available()
    return dict(
        python=platform.python_version(),
        torch=torch.__version__,
        processor=names[0] if names else platform.processor(),
        gpu=torch.cuda.get_device_name() if gpu else None,
    )


if __name__ == '__main__':
    main()
