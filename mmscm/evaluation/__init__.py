"""Localization protocols and metrics."""

from .error_split import ERRORS, top1_error
from .metrics import LocalizationAccuracy, MaxBoxAcc, PxAP, Top1Errors
from .protocols import PROTOCOLS, Protocol, get_protocol
from .score import Score

__all__ = [
    'ERRORS',
    'PROTOCOLS',
    'LocalizationAccuracy',
    'MaxBoxAcc',
    'Protocol',
    'PxAP',
    'Score',
    'Top1Errors',
    'get_protocol',
    'top1_error',
]
