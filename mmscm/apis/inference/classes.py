"""Classes by name or index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class ClassNames:
    """The classes of a model.

    Attributes:
        names (Sequence[str] | None): None where nobody knows them.
        count (int): C, number of classes.
    """

    names: Sequence[str] | None
    count: int

    def name_of(self, label: int) -> str:
        """Name of a class, or its number where there are no names."""
        return self.names[label] if self.names else f'class {label}'

    def index_of(self, target: int | str | None) -> int | None:
        """Index of a class given by index or name; None stays None."""
        if target is None:
            return None
        if isinstance(target, str):
            names = list(self.names or ())
            if target in names:
                return names.index(target)
            if not target.isdigit():
                raise ValueError(
                    'Expected `target` to be one of the classes '
                    f'{names[:20]}, but got {target!r}.'
                )
        if not 0 <= int(target) < self.count:
            raise ValueError(
                f'Expected `target` from 0 to {self.count - 1}, but got '
                f'{target}.'
            )
        return int(target)

    def ranking(self, scores: Tensor, topk: int) -> list[dict[str, Any]]:
        """The most probable classes, best first.

        Args:
            scores (Tensor): Probabilities, shape (C,).
            topk (int): How many at most.

        Returns:
            list[dict]: ``label``, ``class`` and ``score`` (0 to 1).
        """
        best, labels = scores.topk(min(topk, len(scores)))
        return [
            {'label': i, 'class': self.name_of(i), 'score': score}
            for i, score in zip(labels.tolist(), best.tolist(), strict=True)
        ]
