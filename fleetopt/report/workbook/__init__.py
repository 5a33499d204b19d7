"""procurement.xlsx: the plan as a workbook that procurement can filter, sort and forward."""

from fleetopt.report.workbook.write import procurement_workbook

__all__ = ["procurement_workbook"]
