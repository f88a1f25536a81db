"""Images are whole patches, or their border would be dropped silently."""

from __future__ import annotations

from collections.abc import Sequence


def check_whole_patches(
    name: str, size: Sequence[int], patch: Sequence[int]
) -> None:
    """Refuse an image size that patches do not cover.

    Args:
        name (str): What has the size.
        size (Sequence[int]): Height and width, pixels.
        patch (Sequence[int]): Height and width of a patch, pixels.
    """
    if any(side % step for side, step in zip(size, patch, strict=True)):
        raise ValueError(
            f'Expected `{name}` of whole patches of {tuple(patch)} pixels, '
            f'but got {tuple(size)} (height, width).'
        )
