"""One self-contained HTML file about several tests."""

from mmscm.apis.report.page import write_report

__all__ = ['write_report']
