"""Localization protocols and metrics."""

from .localization_accuracy import LocalizationAccuracy
from .max_box_acc import MaxBoxAcc
from .protocols import PROTOCOLS, Protocol, get_protocol
from .px_ap import PxAP
from .score import Score
from .top1_errors import ERRORS, top1_error

__all__ = [
    'ERRORS',
    'PROTOCOLS',
    'LocalizationAccuracy',
    'MaxBoxAcc',
    'Protocol',
    'PxAP',
    'Score',
    'get_protocol',
    'top1_error',
]
