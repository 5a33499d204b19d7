"""The page: one self-contained HTML file for people who never run fleetopt."""

from fleetopt.report.page.comparison import Differing, Extra, Verdict, comparison_page
from fleetopt.report.page.document import compile_templates
from fleetopt.report.page.plan_page import no_plan_page, plan_page

__all__ = ["Differing", "Extra", "Verdict", "comparison_page", "compile_templates", "no_plan_page", "plan_page"]
