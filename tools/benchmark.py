#!/usr/bin/env python
"""Measure speed and memory: python tools/benchmark.py --what neck.

neck       one diffusion block on growing grids, against the formulas as they
           stand: time, memory kept for backward, launches
step       a training step of SCM, against TS-CAM and the dense model
inference  images to localization maps, against the dense model
photos     JPEG files to boxes as `mmscm infer` does, against its network alone
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
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import partial
from itertools import product
from pathlib import Path

import cv2
import mmcv
import mmengine
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
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

from mmscm import LocalizationInferencer
from mmscm.apis.photos import read_image
from mmscm.functional.boxes import boxes_from_map, contour_boxes, quantize
from mmscm.functional.maps import min_max_normalize, resize_maps
from mmscm.models import ActivationDiffusionBlock, WSOLClassifier
from mmscm.options import make_parser
from mmscm.registry import MODELS

CONFIGS = Path(__file__).parents[1] / 'configs/_base_'
SIDES = (7, 14, 20, 24, 28, 32, 48, 64)
LARGEST_DENSE = 32  # at 64 x 64 the dense block would need 6 GB
GROWING = (14, 24, 32, 48, 64)
PUBLIC = 'cam_efficientnet-lite0_imagenet'  # weights in a package
CUB_TEST = 5794  # images
PHOTOS = {'500x375': (375, 500), '1000x750': (750, 1000)}
Run = Callable[[], object]
# name, variants, and further columns of a variant's row
Case = tuple[str, Mapping[str, Run], Callable[[str, float], dict]]


def main() -> None:
    parser = make_parser(__doc__)
    add = parser.add_argument
    add('--what', choices=BENCHMARKS, required=True)
    add('--batch', type=int, default=8)
    add('--num-classes', type=int, default=200)
    add('--img-size', type=int, default=224, help='pixels')
    add('--arch', default='deit-small')
    add('--images', type=Path, help='folder of JPEG; default: made ones')
    add('--rounds', type=int, default=5)
    add('--device', default='cpu', help='cpu or cuda')
    add('--threads', type=int, default=1)
    add('--out', type=Path, default='work_dirs/benchmark')
    args = parser.parse_args()
    warnings.simplefilter('ignore')
    MMLogger.get_instance('benchmark', log_level='ERROR')
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    rows = [
        row | more(row['variant'], row['ms'])
        for case, variants, more in BENCHMARKS[args.what](args)
        for row in compare(case, variants, args)
    ]
    print(table(rows))
    report = dict(setting=vars(args), environment=collect_env(), rows=rows)
    mmengine.dump(report, args.out / f'{args.what}.json', default=str)
    if args.what == 'growth':
        growth_figure(rows).savefig(args.out / 'growth.png', dpi=120)


def compare(
    case: str, variants: Mapping[str, Run], args: argparse.Namespace
) -> list[dict]:
    """Run every variant once a round, after one for warming up.

    Returns:
        list[dict]: For each variant the median over the rounds, in
        milliseconds, and of time / time of the first variant in the same
        round the median and the quartiles.
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
            quartiles=' to '.join(f'{end:.3f}' for end in ratios[1:, i]),
        )
        for i, name in enumerate(variants)
    ]


def milliseconds(run: Run, args: argparse.Namespace) -> float:
    """Time of one call: of the process, or of a GPU by its events."""
    if not args.device.startswith('cuda'):
        start = time.process_time()
        run()
        return (time.process_time() - start) * 1e3
    first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    first.record()
    run()
    last.record()
    last.synchronize()
    return first.elapsed_time(last)


def saved_megabytes(run: Run) -> float:
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


def launches(run: Run) -> int:
    with LaunchCounter() as counter:
        run()
    return counter.count


def peak_megabytes(run: Run, args: argparse.Namespace) -> float:
    """What a call takes of a GPU's memory beyond what is held before it."""
    if not args.device.startswith('cuda'):
        return float('nan')
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    run()
    return (torch.cuda.max_memory_allocated() - before) / 1e6


def neck(side: int, args: argparse.Namespace) -> Case:
    """One block, forward and backward, from random maps."""
    torch.manual_seed(0)
    block = ActivationDiffusionBlock().to(args.device)
    shape = args.batch, args.num_classes, side, side
    semantic = torch.randn(shape, device=args.device)
    upstream = semantic, semantic[:, 0].sigmoid()
    maps = [tensor.clone().requires_grad_() for tensor in upstream]
    inputs = *maps, block.lambda_, block.beta
    forwards = dict(
        dense=partial(dense_block, *inputs), mmscm=partial(block, *maps)
    )
    if side > LARGEST_DENSE:
        del forwards['dense']

    def both_ways(forward: Run) -> object:
        return torch.autograd.grad(forward(), inputs, upstream)

    passes = {k: partial(both_ways, run) for k, run in forwards.items()}

    def more(name: str, ms: float) -> dict:
        kept = saved_megabytes(forwards[name])
        return dict(kept_mb=kept, launches=launches(passes[name]))

    return f'{side}x{side}', passes, more


def step(dtype: torch.dtype, args: argparse.Namespace) -> Case:
    """Forward, backward and AdamW in a type, against TS-CAM."""
    scm, tscam = build_models(args)
    steps = {
        'tscam': training_step(tscam, dtype, args),
        'scm': training_step(scm, dtype, args),
        'dense float32': training_step(make_dense(scm), torch.float32, args),
    }

    def more(name: str, ms: float) -> dict:
        peak = peak_megabytes(steps[name], args)
        return dict(launches=launches(steps[name]), peak_mb=peak)

    case = f'{args.img_size} px, batch {args.batch}, {str(dtype)[6:]}'
    return case, steps, more


def inference(args: argparse.Namespace) -> Case:
    """Scores and localization maps of a batch.

    The dense model maps all classes, as the released code does.
    """
    model = build_models(args)[0].eval()
    dense = make_dense(model)
    images, samples = build_batch(args)

    @torch.inference_mode()
    def all_maps() -> tuple[Tensor, Tensor]:
        semantic, attention = dense.extract_maps(images)
        scores = semantic.mean((2, 3)).softmax(-1)
        return scores, semantic * attention[:, None]

    @torch.inference_mode()
    def needed_maps(dtype: torch.dtype) -> list[DataSample]:
        with autocast(dtype, args):
            return model.predict(images, [s.clone() for s in samples])

    variants = {
        'dense float32': all_maps,
        'mmscm float32': partial(needed_maps, torch.float32),
        'mmscm bfloat16': partial(needed_maps, torch.bfloat16),
    }
    if torch.bfloat16 not in dtypes(args):
        del variants['mmscm bfloat16']
    images_s = 1e3 * args.batch
    case = f'{args.img_size} px'
    return case, variants, lambda _, ms: dict(images_s=images_s / ms)


def photos(case: str, paths: list[Path], args: argparse.Namespace) -> Case:
    """Files to boxes in batches of 16, against the network alone."""
    model = LocalizationInferencer(PUBLIC, device=args.device)
    decoded = [model.load(read_image(path)) for path in paths]

    def network() -> None:
        for first in range(0, len(decoded), 16):
            model.forward(default_collate(decoded[first : first + 16]))

    variants = dict(network=network, infer=lambda: [*model.stream(paths, 16)])
    images_s = 1e3 * len(paths)
    return case, variants, lambda _, ms: dict(images_s=images_s / ms)


def boxes(count: int, every: bool, args: argparse.Namespace) -> Case:
    """Boxes of 100 maps: V1, the largest contour, and V2, all of them."""
    maps = score_maps(args.img_size)
    thrs = np.arange(0, 1, 1 / count)

    def all_boxes(way: Callable[..., list[np.ndarray]]) -> None:
        for score_map in maps:
            way(score_map, thrs, every)

    variants = dict(
        contours=partial(all_boxes, boxes_by_contours),
        mmscm=partial(all_boxes, boxes_from_map),
    )
    case = f'{"V2" if every else "V1"}, {count} thresholds'
    return case, variants, lambda *_: {}


def data(case: str, paths: list[Path], args: argparse.Namespace) -> Case:
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

    def collated(way: Callable[[dict], dict]) -> dict:
        samples = [dict(img_path=str(p), gt_label=0) for p in paths]
        return default_collate([way(sample) for sample in samples])

    ways = {'cv2': by_cv2, 'pillow': by_pillow}
    if min(min(cv2.imread(str(p)).shape[:2]) for p in paths) >= 2 * scale:
        ways['cv2, half size'] = half_size
    ways['cv2, normalized'] = normalized
    variants = {name: partial(collated, way) for name, way in ways.items()}

    def more(name: str, ms: float) -> dict:
        megabytes = variants[name]()['inputs'].nbytes / 1e6
        return dict(images_s=len(paths) / ms * 1e3, batch_mb=megabytes)

    return case, variants, more


def files(args: argparse.Namespace) -> dict[str, list[Path]]:
    """JPEG files of a batch, from the folder given or made, by size."""
    if args.images:
        kinds = {'.jpg', '.jpeg'}
        found = sorted(args.images.rglob('*'))
        paths = [path for path in found if path.suffix.lower() in kinds]
        if not paths:
            raise SystemExit(f'Expected JPEG files in {args.images}.')
        apart = max(1, len(paths) // args.batch)
        return {args.images.name: paths[::apart][: args.batch]}
    generator, made = np.random.default_rng(0), {}
    for case, (height, width) in PHOTOS.items():
        made[case] = [args.out / f'{case}_{i}.jpg' for i in range(args.batch)]
        for path in made[case]:
            # smooth: a value for 5 x 5 pixels
            coarse = generator.normal(128, 64, (height // 5, width // 5, 3))
            img = cv2.resize(coarse, (width, height)).clip(0, 255)
            cv2.imwrite(str(path), img.astype(np.uint8))
    return made


def evaluation(args: argparse.Namespace) -> Case:
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
        truth = torch.cat([low, low + 1 + high])[None]
        sample.set_field(truth, 'gt_bboxes')
        samples.append(sample)

    def evaluate(metrics: list[dict]) -> None:
        fresh = [sample.clone() for sample in samples]
        for sample in fresh:  # boxes are kept as long as maps are the same
            maps = sample.localization_maps.clone()
            sample.set_field(maps, 'localization_maps')
        Evaluator(metrics).process(fresh)

    variants = {'all': partial(evaluate, cfg)}
    for i, metric in enumerate(cfg, 1):
        name = f'{i}: {metric.type[6:]} {metric.protocol}'
        variants[name] = partial(evaluate, [metric])

    def more(name: str, ms: float) -> dict:
        return dict(images_s=100 / ms * 1e3, cub_s=CUB_TEST * ms / 1e5)

    return '100 images', variants, more


def growth(side: int, args: argparse.Namespace) -> Case:
    """A training step in float32 on a grid of some patches a side."""
    args.img_size = 16 * side
    scm, tscam = build_models(args)
    models, batch = dict(tscam=tscam, scm=scm), build_batch(args)
    steps = {
        name: training_step(model, torch.float32, args)
        for name, model in models.items()
    }

    def more(name: str, ms: float) -> dict:
        kept = saved_megabytes(partial(models[name].loss, *batch))
        return dict(kept_mb=kept, patches=side**2)

    return f'{side}x{side}', steps, more


def growth_figure(rows: list[dict]) -> Figure:
    """Time and memory of a step over the number of patches."""
    figure = Figure((9, 3.8), layout='constrained')
    titles = dict(ms='Time of a step, ms', kept_mb='Kept for backward, MB')
    panels = zip(figure.subplots(1, 2), titles.items(), strict=True)
    for axes, (key, title) in panels:
        for variant, style in (('tscam', 's--'), ('scm', 'o-')):
            points = [row for row in rows if row['variant'] == variant]
            patches = [row['patches'] for row in points]
            values = [row[key] for row in points]
            axes.loglog(patches, values, style, label=variant)
        axes.set(xlabel='Patches', title=title)
        axes.set_xticks(patches, [row['case'] for row in points])
        axes.minorticks_off()
        axes.grid(alpha=0.3)
        axes.legend()
    return figure


# lazy: the models of one case at a time
BENCHMARKS: dict[str, Callable[[argparse.Namespace], Iterator[Case]]] = {
    'neck': lambda args: (neck(side, args) for side in SIDES),
    'step': lambda args: (step(dtype, args) for dtype in dtypes(args)),
    'inference': lambda args: (inference(args) for _ in range(1)),
    'boxes': lambda args: (  # 100 and 1000: those of the field
        boxes(count, every, args)
        for count, every in product((100, 1000), (False, True))
    ),
    'photos': lambda args: (
        photos(*found, args) for found in files(args).items()
    ),
    'data': lambda args: (data(*found, args) for found in files(args).items()),
    'evaluation': lambda args: (evaluation(args) for _ in range(1)),
    'growth': lambda args: (growth(side, args) for side in GROWING),
}


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


def build_models(
    args: argparse.Namespace,
) -> tuple[WSOLClassifier, WSOLClassifier]:
    """SCM with random weights and without drop path, and as TS-CAM."""
    init_default_scope('mmpretrain')
    cfg = Config.fromfile(CONFIGS / f'models/{args.arch}.py').model
    cfg.backbone.pop('init_cfg', None)
    cfg.backbone.update(img_size=args.img_size, drop_path_rate=0.0)
    cfg.head.num_classes = args.num_classes
    cfg.neck = dict(type='mmscm.SCM')
    torch.manual_seed(0)
    scm = MODELS.build(cfg)
    scm.init_weights()
    tscam = deepcopy(scm.to(args.device))
    tscam.neck = None
    return scm, tscam


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


def dtypes(args: argparse.Namespace) -> list[torch.dtype]:
    """Those that the device computes in; a CPU may only emulate bfloat16."""
    if args.device.startswith('cuda'):
        return [torch.float32, torch.bfloat16, torch.float16]
    if torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return [torch.float32, torch.bfloat16]
    return [torch.float32]


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
