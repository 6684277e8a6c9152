"""Documents on paper: letters, agreements and whole cases as PDFs anybody can read, hear and archive."""

from shared.print.agreement import agreement
from shared.print.case_file import case_file
from shared.print.decision import decision_letter
from shared.print.facts import Addressee, Agreement, CaseFile, DecisionLetter

__all__ = [
    "Addressee",
    "Agreement",
    "CaseFile",
    "DecisionLetter",
    "agreement",
    "case_file",
    "decision_letter",
]
