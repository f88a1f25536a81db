"""Metrics over data samples."""

from .localization_accuracy import LocalizationAccuracy
from .max_box_acc import MaxBoxAcc
from .px_ap import PxAP
from .top1_errors import Top1Errors

__all__ = ['LocalizationAccuracy', 'MaxBoxAcc', 'PxAP', 'Top1Errors']
