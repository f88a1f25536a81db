"""Seed by epoch and iteration: resumed ones are those interrupted."""

from __future__ import annotations

from mmengine.hooks import DistSamplerSeedHook
from mmengine.runner import EpochBasedTrainLoop, Runner, set_random_seed

from mmscm.engine.seeded_dataset import SeededDataset, mixed_seed
from mmscm.registry import HOOKS


@HOOKS.register_module()
class EpochSeedHook(DistSamplerSeedHook):
    """The host's DistSamplerSeedHook that seeds more than the sampler.

    The host seeds once, at the start, and a worker again with the same
    number whenever it starts: what is random in a resumed epoch is not what
    it would have been. Here the numbers of the model follow from seed and
    iteration, those of a sample from seed, epoch and index.

    Training loops that do not run by epochs stay as they are.
    """

    def before_train(self, runner: Runner) -> None:
        """Put the seeds before the samples, before workers start.

        Args:
            runner (Runner): The runner that trains, resumed or not.
        """
        if not _by_epoch(runner):
            return
        loader = runner.train_dataloader
        if not isinstance(loader.dataset, SeededDataset):
            seeded = SeededDataset(loader.dataset, runner.seed)
            # the loader refuses `loader.dataset = seeded` once it is built
            vars(loader)['dataset'] = seeded

    def before_train_epoch(self, runner: Runner) -> None:
        """Set sampler and samples to the epoch.

        Args:
            runner (Runner): The runner that trains.
        """
        super().before_train_epoch(runner)
        if _by_epoch(runner):
            runner.train_dataloader.dataset.epoch.fill_(runner.epoch)

    def before_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Seed the model; starting workers takes numbers, and not always.

        Args:
            runner (Runner): The runner that trains.
            *args: Batch, unused.
            **kwargs: Batch, unused.
        """
        if _by_epoch(runner):
            # dropout in another process is of other images
            numbers = (runner.seed, runner.iter, runner.rank)
            set_random_seed(mixed_seed(*numbers))


def _by_epoch(runner: Runner) -> bool:
    return isinstance(runner.train_loop, EpochBasedTrainLoop)
