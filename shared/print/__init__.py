"""Documents on paper: letters, agreements and whole cases as PDFs anybody can read, hear and archive."""

from shared.print.agreement import agreement
from shared.print.bound import Binder, Unbindable, bindable
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
from shared.print.post import PostLetter, pile, post_letter

__all__ = [
    "Addressee",
    "AgendaRow",
    "Agreement",
    "Binder",
    "CaseFile",
    "DecisionLetter",
    "Idea",
    "InvitationLetter",
    "Opinion",
    "PaperItem",
    "PostLetter",
    "SessionPapers",
    "Unbindable",
    "Way",
    "agreement",
    "bindable",
    "case_file",
    "decision_letter",
    "invitation_letter",
    "invitation_letters",
    "pile",
    "post_letter",
    "session_papers",
]
