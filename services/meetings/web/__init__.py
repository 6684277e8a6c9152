"""The pages of meetings: the public's, the office's, the way in, and one's own account."""

from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm.exc import StaleDataError

from services.meetings.api import agenda_api, api
from services.meetings.api_decisions import circulars_api, resolutions_api
from services.meetings.api_follow_up import tasks_api
from services.meetings.api_occasions import occasion_api
from services.meetings.api_registrations import registration_api
from services.meetings.commands.members import Erased
from services.meetings.commands.once import ChangedMeanwhile, CommandConflict
from services.meetings.domain import account as account_domain
from services.meetings.domain import agenda as agenda_domain
from services.meetings.domain import member as member_domain
from services.meetings.domain import session as session_domain
from services.meetings.followup_words import REFUSED
from services.meetings.occasion_words import OCCASION_CONFLICTS
from services.meetings.policy import POLICY
from services.meetings.preparation_words import PREPARATION_CONFLICTS
from services.meetings.queries import NoBoardYet
from services.meetings.room_words import ROOM_CONFLICTS
from services.meetings.store import TABLES
from services.meetings.web.accounts import account_pages
from services.meetings.web.agenda import agenda_pages
from services.meetings.web.api_polls import poll_api
from services.meetings.web.api_room import room_api
from services.meetings.web.board import board_pages
from services.meetings.web.circular import circular_pages
from services.meetings.web.circular_answer import circular_door, own_circulars
from services.meetings.web.gremium import gremium_pages
from services.meetings.web.invitations import invited
from services.meetings.web.members import MEMBER_PAGES
from services.meetings.web.members_api import members_api
from services.meetings.web.minutes import MINUTES_PAGES
from services.meetings.web.minutes.conflicts import MINUTES_CONFLICTS
from services.meetings.web.occasion_registrations import registration_pages
from services.meetings.web.occasions import occasion_pages
from services.meetings.web.own import own
from services.meetings.web.own_papers import own_papers
from services.meetings.web.own_tasks import own_tasks, task_door
from services.meetings.web.phone import phone_pages
from services.meetings.web.preparation import preparation
from services.meetings.web.public import public
from services.meetings.web.public_occasions import public_occasions
from services.meetings.web.resolutions import register
from services.meetings.web.room import ROOM_PAGES
from services.meetings.web.room.stale import as_it_is_now
from services.meetings.web.sessions import office
from services.meetings.web.set_up import set_up
from services.meetings.web.sign_in import doors
from services.meetings.web.tasks import task_pages
from services.meetings.web.urgent import urgent_pages
from services.meetings.web.wall import wall_pages
from services.meetings.web.year import year_pages
from shared.service import Service
from shared.web.app import create_app
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, see_other
from shared.web.problems import is_api, problem

TEMPLATES: Final = Path(__file__).parent.parent / "templates"
ROUTERS: Final = (
    register,
    circular_pages,
    circular_door,
    own_circulars,
    urgent_pages,
    task_pages,
    task_door,
    own_tasks,
    resolutions_api,
    circulars_api,
    tasks_api,
    public,
    board_pages,
    agenda_pages,
    year_pages,
    office,
    *ROOM_PAGES,
    room_api,
    poll_api,
    *MINUTES_PAGES,
    phone_pages,
    wall_pages,
    *preparation,
    invited,
    set_up,
    doors,
    own,
    account_pages,
    *MEMBER_PAGES,
    gremium_pages,
    own_papers,
    members_api,
    public_occasions,
    registration_pages,
    occasion_pages,
    occasion_api,
    registration_api,
    api,
    agenda_api,
)

CONFLICTS: Final[dict[type[Exception], Any]] = {
    ChangedMeanwhile: lazy(
        "Jemand hat das inzwischen geändert. Gehen Sie zur Liste, sehen Sie den neuen Stand an und"
        " versuchen Sie es noch einmal."
    ),
    StaleDataError: lazy(
        "Jemand hat das inzwischen geändert. Gehen Sie zur Liste, sehen Sie den neuen Stand an und"
        " versuchen Sie es noch einmal."
    ),
    CommandConflict: lazy(
        "Dieses Formular ist schon einmal abgeschickt worden, mit anderen Angaben. Öffnen Sie es"
        " neu, wenn Sie noch etwas ändern wollen."
    ),
    session_domain.IllegalMove: lazy(
        "Das geht bei dieser Sitzung nicht mehr. Sie ist abgesagt oder schon eröffnet."
    ),
    session_domain.AlreadyOver: lazy(
        "Diese Sitzung ist vorbei. Man kann sie nicht mehr verschieben oder absagen."
    ),
    session_domain.AlreadyVoted: lazy(
        "In dieser Sitzung ist schon abgestimmt worden. Man kann sie nicht mehr verschieben oder"
        " absagen."
    ),
    agenda_domain.NotYetMeeting: lazy(
        "Die Sitzung war noch nicht. Am Tag der Sitzung können Sie die Abstimmung eintragen."
    ),
    agenda_domain.AwaitsAnswer: lazy(
        "Über diesen Antrag ist gerade abgestimmt worden. Wir prüfen noch, ob das Geld reicht."
        " Laden Sie die Seite gleich neu."
    ),
    agenda_domain.ItemClosed: lazy(
        "Über diesen Antrag kann hier niemand mehr abstimmen. Er ist entschieden oder steht nicht"
        " mehr auf der Tagesordnung."
    ),
    **OCCASION_CONFLICTS,
    **MINUTES_CONFLICTS,
    **PREPARATION_CONFLICTS,
    **ROOM_CONFLICTS,
    member_domain.IllegalMove: lazy("Das geht bei diesem Mitglied im Moment nicht."),
    Erased: lazy("Die Daten dieser Person sind gelöscht. Man kann nichts mehr ändern."),
    account_domain.IllegalMove: lazy("Das geht bei diesem Konto im Moment nicht."),
    account_domain.LastOffice: lazy(
        "Das ist das letzte Konto des Büros. Geben Sie zuerst einer anderen Person die Rolle Büro."
    ),
    **REFUSED,
}
"""Refusals that no field can explain: status 409 and a sentence."""


def create_web(service: Service) -> FastAPI:
    """The web application of meetings over an opened service."""
    app = create_app(service, routers=ROUTERS, policy=POLICY, templates=TEMPLATES, tables=TABLES)
    for error in CONFLICTS:
        app.add_exception_handler(error, _conflict)
    app.add_exception_handler(NoResultFound, _nothing_there)
    app.add_exception_handler(NoBoardYet, _no_board)
    return app


async def _conflict(request: Request, error: Exception) -> Response:
    sentence = next(text for kind, text in CONFLICTS.items() if isinstance(error, kind))
    in_the_room = await as_it_is_now(request, sentence)
    return in_the_room or problem(request, 409, detail=gettext_of(request)(sentence))


async def _nothing_there(request: Request, error: Exception) -> Response:
    return problem(request, 404)


async def _no_board(request: Request, error: Exception) -> Response:
    """A new installation first names its board and the rules that deadlines come from."""
    if is_api(request):
        return problem(request, 409, detail=gettext_of(request)("Es gibt noch kein Gremium."))
    return see_other("/buero/sitzungen/gremium")
