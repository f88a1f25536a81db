"""Difficulty of the toy scenes."""

from __future__ import annotations

from dataclasses import dataclass

MIN_MARK = 10  # pixels: a mark covers at least one patch of 8 pixels


@dataclass(frozen=True)
class SceneStyle:
    """What makes the scenes easy or hard.

    Args:
        img_size (int): Side of the square image, pixels.
        num_classes (int): Number of classes, one mark colour each.
        object_size (tuple[float, float]): Range of the longer side of the
            object's box, as a fraction of ``img_size``.
        mark_size (float): Diameter of a class mark (of a circle with its
            area) as a fraction of the longer side of the box, never under
            10 pixels.
        num_marks (int): Class marks an object, 1 (head) or 2 (and rump).
        num_clutter (int): Number of dull shapes behind the object.
        num_distractors (int): Number of shapes like class marks behind
            the object.
        distractor_saturation (float): Colour of a distractor between grey
            (0) and that of a class mark (1).
        contrast (float): Difference in mean brightness between body and
            background, 0 to 255.
        fur_hint (float): Share of the class colour in that of the fur;
            with 0 the body says nothing about the class.
    """

    img_size: int = 112
    num_classes: int = 10
    object_size: tuple[float, float] = (0.3, 0.65)
    mark_size: float = 0.24
    num_marks: int = 2
    num_clutter: int = 6
    num_distractors: int = 2
    distractor_saturation: float = 0.3
    contrast: float = 60.0
    fur_hint: float = 0.0

    def __post_init__(self) -> None:
        small, large = self.object_size
        if not 0 < small <= large <= 0.9:
            raise ValueError(
                'Expected `object_size` as 0 < smallest <= largest <= 0.9, '
                f'but got {self.object_size}. Sizes are fractions of the '
                'image side.'
            )
        if self.num_marks not in (1, 2):
            raise ValueError(
                f'Expected `num_marks` 1 or 2, but got {self.num_marks}.'
            )
