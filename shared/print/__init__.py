"""Documents on paper: letters, agreements and whole cases as PDFs anybody can read, hear and archive."""

from shared.print.agreement import agreement
from shared.print.case_file import case_file
from shared.print.decision import decision_letter
from shared.print.facts import Addressee, Agreement, CaseFile, DecisionLetter, Way
from shared.print.invitation import (
    AgendaRow,
    InvitationLetter,
    invitation_letter,
    invitation_letters,
)
from shared.print.papers import Idea, Opinion, PaperItem, SessionPapers, session_papers

__all__ = [
    "Addressee",
    "AgendaRow",
    "Agreement",
    "CaseFile",
    "DecisionLetter",
    "Idea",
    "InvitationLetter",
    "Opinion",
    "PaperItem",
    "SessionPapers",
    "Way",
    "agreement",
    "case_file",
    "decision_letter",
    "invitation_letter",
    "invitation_letters",
    "session_papers",
]
