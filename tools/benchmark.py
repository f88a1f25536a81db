#!/usr/bin/env python
"""Measure speed and memory: python tools/benchmark.py --what neck.

neck       one diffusion block on growing grids, against the formulas as they
           stand: time, memory kept for backward, launches
step       a training step of SCM, against TS-CAM and the dense model
inference  images to localization maps, against the dense model
boxes      boxes of all thresholds, against a contour call for each
data       the training pipeline of one worker, by ways to decode JPEG
evaluation the evaluators of the configs, on maps of 14 x 14
growth     a training step of SCM and of TS-CAM on growing grids, with a plot

Variants run in turn, and what counts is the ratio to the first of them: times
drift with the load of a machine, ratios within a round do not. The clock is
the time of this process, on a GPU that of the wall.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import cv2
import mmcv
import mmengine
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator
from mmengine.config import Config
from mmengine.dataset import Compose, default_collate
from mmengine.evaluator import Evaluator
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope
from mmengine.utils.dl_utils import collect_env
from mmpretrain.models.backbones import VisionTransformer
from mmpretrain.structures import DataSample
from torch import Tensor
from torch._ops import OpOverload
from torch.autograd.graph import saved_tensors_hooks
from torch.utils._python_dispatch import TorchDispatchMode

from mmscm.functional.boxes import boxes_from_map, contour_boxes, quantize
from mmscm.functional.maps import min_max_normalize, resize_maps
from mmscm.models import ActivationDiffusionBlock, WSOLClassifier
from mmscm.registry import MODELS

CONFIGS = Path(__file__).parents[1] / 'configs/_base_'
SIDES = (7, 14, 20, 24, 28, 32, 48, 64)
LARGEST_DENSE = 32  # at 64 x 64 the dense block would need 6 GB
GROWING = (14, 24, 32, 48, 64)
CUB_TEST = 5794  # images
PHOTOS = {'500x375': (375, 500), '1000x750': (750, 1000)}
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
    parser.add_argument(
        '--images', type=Path, help='folder of JPEG; default: made ones'
    )
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--device', default='cpu', help='cpu or cuda')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--out', type=Path, default='work_dirs/benchmark')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    warnings.simplefilter('ignore')
    torch.set_num_threads(args.threads)
    rows = BENCHMARKS[args.what](args)
    print(table(rows))
    args.out.mkdir(parents=True, exist_ok=True)
    report = dict(setting=vars(args), environment=collect_env(), rows=rows)
    mmengine.dump(report, args.out / f'{args.what}.json', default=str)


def compare(case: str, variants: Variants, args: argparse.Namespace) -> list:
    """Run every variant once a round, after one for warming up.

    Returns:
        list[dict]: For each variant the median over the rounds, in
        milliseconds, and of time / time of the first variant in the same
        round the median, its inverse and the quartiles.
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
            ratio=float(ratios[0, i]),
            speedup=float(1 / ratios[0, i]),
            quartiles=' to '.join(f'{end:.3f}' for end in ratios[1:, i]),
        )
        for i, name in enumerate(variants)
    ]


def milliseconds(run: Callable[[], object], args: argparse.Namespace) -> float:
    """Time of one call; a GPU is waited for before and after."""
    cuda = args.device.startswith('cuda')
    clock = time.perf_counter if cuda else time.process_time
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

    count = 0

    def __torch_dispatch__(
        self, func: OpOverload, types: object, args: tuple = (), kwargs=None
    ) -> object:
        self.count += not (func.is_view or 'empty' in func.__name__)
        return func(*args, **(kwargs or {}))


def launches(run: Callable[[], object]) -> int:
    with LaunchCounter() as counter:
        run()
    return counter.count


def peak_megabytes(
    run: Callable[[], object], args: argparse.Namespace
) -> float:
    """What a call takes of a GPU's memory beyond what is held before it."""
    if not args.device.startswith('cuda'):
        return float('nan')
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    run()
    return (torch.cuda.max_memory_allocated() - before) / 1e6


def with_rate(rows: list[dict], images: int) -> list[dict]:
    """The rows with images a second."""
    return [row | dict(images_s=images / row['ms'] * 1e3) for row in rows]


def dense_block(
    semantic: Tensor, attention: Tensor, lambda_: Tensor, beta: Tensor
) -> tuple[Tensor, Tensor]:
    """The block with its defaults in N x N matrices (Eqs. 3 to 7)."""
    unit = F.normalize(semantic.flatten(2), dim=1)
    similarity = unit.mT @ unit  # (B, N, N)
    laplacian = grid_laplacian(*semantic.shape[-2:]).to(semantic)
    laplacian = laplacian * (lambda_ * similarity - 1)
    identity = torch.eye(laplacian.shape[-1]).to(semantic)
    inverse = (0.002 * laplacian.mT).detach()
    for _ in range(4):
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


def make_dense(model: WSOLClassifier) -> WSOLClassifier:
    """A copy of a ViT model that computes the same in N x N matrices.

    The attention matrices of all layers are kept and averaged.
    """
    model = deepcopy(model)
    matrices: list[Tensor] = []

    def attend(
        query: Tensor, key: Tensor, value: Tensor, dropout_p: float
    ) -> Tensor:
        scores = query @ key.mT * query.shape[-1] ** -0.5
        matrices.append(scores.softmax(-1))
        return matrices[-1] @ value

    def extract(images: Tensor) -> tuple[Tensor, Tensor]:
        matrices.clear()
        tokens = VisionTransformer.forward(model.backbone, images)[-1]
        mean = torch.stack(matrices).mean(2).mean(0)  # (B, T, T)
        return tokens, mean[:, 0, 1:].unflatten(1, tokens.shape[-2:])

    for layer in model.backbone.layers:
        layer.attn.scaled_dot_product_attention = attend
    model.backbone.forward = extract
    for block in model.neck.blocks:
        block.forward = lambda semantic, attention, block=block: dense_block(
            semantic, attention, block.lambda_, block.beta
        )
    return model


def benchmark_neck(args: argparse.Namespace) -> list[dict]:
    """One block, forward and backward, from random maps."""
    rows = []
    for side in SIDES:
        torch.manual_seed(0)
        block = ActivationDiffusionBlock().to(args.device)
        shape = args.batch, args.num_classes, side, side
        semantic = torch.randn(shape, device=args.device)
        upstream = semantic, semantic[:, 0].sigmoid()
        maps = [tensor.clone().requires_grad_() for tensor in upstream]
        inputs = *maps, block.lambda_, block.beta
        forwards = {
            'dense': partial(dense_block, *inputs),
            'mmscm': partial(block, *maps),
        }
        if side > LARGEST_DENSE:
            del forwards['dense']
        passes = {
            name: lambda run=run, inputs=inputs, upstream=upstream: (
                torch.autograd.grad(run(), inputs, upstream)
            )
            for name, run in forwards.items()
        }
        for row in compare(f'{side}x{side}', passes, args):
            name = row['variant']
            row['kept_mb'] = saved_megabytes(forwards[name])
            row['launches'] = launches(passes[name])
            rows.append(row)
    return rows


def benchmark_step(args: argparse.Namespace) -> list[dict]:
    """Forward, backward and AdamW in each type, against TS-CAM."""
    scm = build_model(args)
    tscam = deepcopy(scm)
    tscam.neck = None
    dense = training_step(make_dense(scm), torch.float32, args)
    cuda = args.device.startswith('cuda')
    dtypes = [torch.float32, torch.bfloat16, torch.float16][: 2 + cuda]
    rows = []
    for dtype in dtypes:
        steps = {
            'tscam': training_step(deepcopy(tscam), dtype, args),
            'scm': training_step(deepcopy(scm), dtype, args),
            'dense float32': dense,
        }
        case = f'{args.img_size} px, batch {args.batch}, {str(dtype)[6:]}'
        for row in compare(case, steps, args):
            row['launches'] = launches(steps[row['variant']])
            row['peak_mb'] = peak_megabytes(steps[row['variant']], args)
            rows.append(row)
    return rows


def benchmark_inference(args: argparse.Namespace) -> list[dict]:
    """Scores and localization maps of a batch.

    The dense model maps all classes, as the released code does.
    """
    model = build_model(args).eval()
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
        rows = compare(f'{args.img_size} px', variants, args)
    return with_rate(rows, args.batch)


def benchmark_boxes(args: argparse.Namespace) -> list[dict]:
    """Boxes of 100 maps: V1, the largest contour, and V2, all of them."""
    maps, rows = score_maps(args.img_size), []
    ways = {'contours': boxes_by_contours, 'mmscm': boxes_from_map}
    for count in (100, 1000):  # thresholds in the evaluators of the field
        thrs = np.arange(0, 1, 1 / count)
        for name, every in (('V1', False), ('V2', True)):
            variants = {
                way: lambda boxes=boxes, thrs=thrs, every=every: [
                    boxes(score_map, thrs, every) for score_map in maps
                ]
                for way, boxes in ways.items()
            }
            rows += compare(f'{name}, {count} thresholds', variants, args)
    return rows


def benchmark_data(args: argparse.Namespace) -> list[dict]:
    """A batch through the training pipeline, as uint8 and collated.

    Images of at least twice the size that they are resized to can be decoded
    at half of theirs. The last variant normalizes in the worker, which the
    preprocessor does on the device.
    """
    cv2.setNumThreads(1)
    init_default_scope('mmpretrain')
    cfg = Config.fromfile(CONFIGS / 'datasets/common.py')
    mean, std = (np.array(cfg.data_preprocessor[k]) for k in ('mean', 'std'))
    scale = args.img_size * 8 // 7
    stages = cfg.train_pipeline
    stages[1].scale, stages[2].crop_size = (scale, scale), args.img_size
    pillow = dict(stages[0], imdecode_backend='pillow')
    by_cv2, by_pillow = Compose(stages), Compose([pillow, *stages[1:]])

    def half_size(sample: dict) -> dict:
        flags = cv2.IMREAD_REDUCED_COLOR_2 | cv2.IMREAD_IGNORE_ORIENTATION
        img = cv2.imread(sample['img_path'], flags)
        size = img.shape[:2]
        loaded = dict(sample, img=img, img_shape=size, ori_shape=size)
        return by_cv2(loaded)

    def normalized(sample: dict) -> dict:
        packed = by_cv2(sample)
        img = packed['inputs'].permute(1, 2, 0).numpy()
        img = mmcv.imnormalize(img, mean, std).transpose(2, 0, 1)
        return packed | dict(inputs=torch.from_numpy(img.copy()))

    rows = []
    with TemporaryDirectory() as made:
        for case, paths in photos(args, Path(made)).items():
            samples = [dict(img_path=str(p), gt_label=0) for p in paths]
            ways = {'cv2': by_cv2, 'pillow': by_pillow}
            smallest = min(min(cv2.imread(str(p)).shape[:2]) for p in paths)
            if smallest >= 2 * scale:
                ways['cv2, half size'] = half_size
            ways['cv2, normalized'] = normalized
            variants = {
                name: lambda way=way, samples=samples: default_collate(
                    [way(dict(sample)) for sample in samples]
                )
                for name, way in ways.items()
            }
            compared = with_rate(compare(case, variants, args), len(paths))
            for row in compared:
                row['eight_workers'] = 8 * row['images_s']
                inputs = variants[row['variant']]()['inputs']
                row['batch_mb'] = inputs.nbytes / 1e6
            rows += compared
    return rows


def photos(args: argparse.Namespace, made: Path) -> dict[str, list[Path]]:
    """JPEG files of a batch, from the folder given or made, by size."""
    if args.images:
        kinds = {'.jpg', '.jpeg'}
        found = sorted(args.images.rglob('*'))
        paths = [path for path in found if path.suffix.lower() in kinds]
        if not paths:
            raise SystemExit(f'Expected JPEG files in {args.images}.')
        step = max(1, len(paths) // args.batch)
        return {args.images.name: paths[::step][: args.batch]}
    generator, paths = np.random.default_rng(0), {}
    for case, (height, width) in PHOTOS.items():
        paths[case] = [made / f'{case}_{i}.jpg' for i in range(args.batch)]
        for path in paths[case]:
            # smooth: a value for 5 x 5 pixels
            coarse = generator.normal(128, 64, (height // 5, width // 5, 3))
            img = cv2.resize(coarse, (width, height)).clip(0, 255)
            cv2.imwrite(str(path), img.astype(np.uint8))
    return paths


def benchmark_evaluation(args: argparse.Namespace) -> list[dict]:
    """The evaluators of the configs on 100 images with six maps each."""
    init_default_scope('mmpretrain')
    cfg = Config.fromfile(CONFIGS / 'datasets/common.py').val_evaluator
    torch.manual_seed(2)
    shape, samples = (args.img_size, args.img_size), []
    for maps in patch_maps(600).unflatten(0, (100, 6)):
        scores = torch.rand(args.num_classes)
        scores[0] += torch.rand(()) < 0.8  # so many are classified
        ranked = scores.topk(min(6, len(scores))).indices
        if 0 not in ranked:
            ranked[-1] = 0
        low, high = torch.rand(2, 2) * args.img_size / 2
        sample = DataSample(metainfo=dict(img_shape=shape))
        sample.set_gt_label(0).set_pred_score(scores)
        sample.set_field(ranked, 'map_labels')
        sample.set_field(maps, 'localization_maps')
        boxes = torch.cat([low, low + 1 + high])[None]
        sample.set_field(boxes, 'gt_bboxes')
        samples.append(sample)

    def evaluate(metrics: list[dict]) -> None:
        evaluator = Evaluator(metrics)
        fresh = [sample.clone() for sample in samples]
        for sample in fresh:  # boxes are kept as long as maps are the same
            maps = sample.localization_maps.clone()
            sample.set_field(maps, 'localization_maps')
        evaluator.process(fresh)

    variants = {'all': partial(evaluate, cfg)}
    for i, metric in enumerate(cfg):
        name = f'{i + 1}: {metric.type[6:]} {metric.protocol}'
        variants[name] = partial(evaluate, [metric])
    rows = with_rate(compare('100 images', variants, args), 100)
    for row in rows:
        run = variants[row['variant']]
        row['resizing'] = share_of(cv2, 'resize', run)
        row['cub_s'] = CUB_TEST / row['images_s']
        row['cub_8_cores_s'] = row['cub_s'] / 8
    return rows


def share_of(owner: object, name: str, run: Callable[[], object]) -> float:
    """Fraction of a call's time that one function of a module takes."""
    function, inside = getattr(owner, name), 0.0

    def timed(*args: object, **kwargs: object) -> object:
        nonlocal inside
        start = time.process_time()
        result = function(*args, **kwargs)
        inside += time.process_time() - start
        return result

    start = time.process_time()
    with mock.patch.object(owner, name, timed):
        run()
    return inside / (time.process_time() - start)


def benchmark_growth(args: argparse.Namespace) -> list[dict]:
    """A training step in float32 on grids of 14 to 64 patches a side."""
    rows = []
    for side in GROWING:
        args.img_size = 16 * side
        scm = build_model(args)
        tscam = deepcopy(scm)
        tscam.neck = None
        models, batch = dict(tscam=tscam, scm=scm), build_batch(args)
        steps = {
            name: training_step(model, torch.float32, args)
            for name, model in models.items()
        }
        for row in compare(f'{side}x{side}', steps, args):
            model = models[row['variant']]
            row['kept_mb'] = saved_megabytes(partial(model.loss, *batch))
            row['patches'] = side**2
            rows.append(row)
    args.out.mkdir(parents=True, exist_ok=True)
    growth_figure(rows, args).savefig(args.out / 'growth.png', dpi=120)
    return rows


def growth_figure(rows: list[dict], args: argparse.Namespace) -> Figure:
    """Time and memory of a step over the number of patches."""
    figure = Figure((9, 3.8), layout='constrained')
    panels = {'ms': 'Time of a step, ms', 'kept_mb': 'Kept for backward, MB'}
    styles = {'tscam': ('TS-CAM', 's--'), 'scm': ('SCM', 'o-')}
    for axes, (key, title) in zip(
        figure.subplots(1, 2), panels.items(), strict=True
    ):
        for variant, (label, style) in styles.items():
            points = [row for row in rows if row['variant'] == variant]
            patches = [row['patches'] for row in points]
            axes.plot(patches, [p[key] for p in points], style, label=label)
        axes.set(xlabel='Patches', title=title, xscale='log', yscale='log')
        axes.set_xticks(patches, [row['case'] for row in points])
        axes.minorticks_off()
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter('{x:g}')
        axes.grid(alpha=0.3)
    axes.legend()
    figure.suptitle(f'{args.arch}, batch {args.batch}, {args.device}')
    return figure


BENCHMARKS = {
    'neck': benchmark_neck,
    'step': benchmark_step,
    'inference': benchmark_inference,
    'boxes': benchmark_boxes,
    'data': benchmark_data,
    'evaluation': benchmark_evaluation,
    'growth': benchmark_growth,
}


def build_model(args: argparse.Namespace) -> WSOLClassifier:
    """SCM with random weights and without drop path."""
    MMLogger.get_instance('benchmark', log_level='ERROR')
    init_default_scope('mmpretrain')
    cfg = Config.fromfile(CONFIGS / f'models/{args.arch}.py').model
    cfg.backbone.pop('init_cfg', None)
    cfg.backbone.update(img_size=args.img_size, drop_path_rate=0.0)
    cfg.head.num_classes = args.num_classes
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
    return images.to(args.device), [s.to(args.device) for s in samples]


def training_step(
    model: WSOLClassifier, dtype: torch.dtype, args: argparse.Namespace
) -> Callable[[], None]:
    """A function that makes one step on the same batch."""
    images, samples = build_batch(args)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5, fused=True)
    scaler = torch.amp.GradScaler(enabled=dtype == torch.float16)
    model.train()

    def step() -> None:
        with autocast(dtype, args):
            loss = model.loss(images, samples)['loss']
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()

    return step


def autocast(dtype: torch.dtype, args: argparse.Namespace) -> torch.autocast:
    kind = torch.device(args.device).type
    return torch.autocast(kind, dtype, enabled=dtype != torch.float32)


def score_maps(size: int) -> list[np.ndarray]:
    """Maps with few objects, enlarged from 14 x 14, shape (size, size)."""
    maps = min_max_normalize(resize_maps(patch_maps(100), (size, size)))
    return list(maps.numpy())


def patch_maps(count: int) -> Tensor:
    """Smooth random maps, shape (count, 14, 14)."""
    torch.manual_seed(0)
    coarse = torch.rand(count, 1, 4, 4)
    return F.interpolate(coarse, (14, 14), mode='bicubic')[:, 0]


def boxes_by_contours(
    score_map: np.ndarray, thrs: np.ndarray, every: bool
) -> list[np.ndarray]:
    """A contour call for each threshold, as the released evaluators do."""
    image = quantize(score_map)
    levels = (thrs * image.max()).astype(int)
    return [contour_boxes(image, int(level), every) for level in levels]


def table(rows: list[dict]) -> str:
    """The rows as Markdown."""
    cells = [
        [f'{v:.3f}' if isinstance(v, float) else str(v) for v in row.values()]
        for row in rows
    ]
    lines = [list(rows[0]), ['---'] * len(rows[0]), *cells]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


if __name__ == '__main__':
    main()
