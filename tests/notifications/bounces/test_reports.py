"""What comes back, as it really looks: understood by its fields, never by its sentences."""

import time
from email.message import EmailMessage
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from services.notifications.bounces import verp
from services.notifications.bounces.consequences import severity_of
from services.notifications.bounces.reports import MOST_BYTES, Action, Fate, Kind, Report, read
from services.notifications.domain.bounce import Severity
from shared.settings import Settings
from tests.notifications.bounces.conftest import SAMPLES, written

FAILED, DELAYED = Action.FAILED, Action.DELAYED

UNDERSTOOD = {
    "postfix-no-such-user": (FAILED, "5.1.1", Severity.HARD),
    "postfix-mailbox-full": (FAILED, "5.2.2", Severity.SOFT),
    "postfix-delayed": (DELAYED, "4.4.1", Severity.NOTICE),
    "postfix-gave-up": (FAILED, "4.4.1", Severity.SOFT),
    "postfix-no-mail-server": (FAILED, "5.4.4", Severity.SOFT),
    "postfix-to-gmx": (FAILED, "5.0.0", Severity.NOTICE),
    "postfix-552-only": (FAILED, "5.2.2", Severity.SOFT),
    "postfix-refuses-us": (FAILED, "5.7.1", Severity.NOTICE),
    "postfix-delivered": (Action.RELAYED, "2.0.0", Severity.NOTICE),
    "exim-no-such-user": (FAILED, "5.1.1", Severity.HARD),
    "exchange-no-such-user": (FAILED, "5.1.10", Severity.HARD),
    "gmail-no-such-user": (FAILED, "5.1.1", Severity.HARD),
    "gmx-no-such-user": (FAILED, "5.1.1", Severity.HARD),
    "webde-mailbox-full": (FAILED, "5.2.2", Severity.SOFT),
    "sendmail-no-such-user": (FAILED, "5.1.1", Severity.HARD),
    "token-and-report-only": (FAILED, "5.1.2", Severity.HARD),
    "smtputf8-report": (FAILED, "5.1.6", Severity.HARD),
    "forwarded-by-a-person": (FAILED, "5.1.1", Severity.HARD),
    "hostile": (FAILED, "5.1.1", Severity.HARD),
}
OTHERS = {
    "exim-old-without-report": Kind.RETURNED,
    "qmail-without-report": Kind.RETURNED,
    "exchange-out-of-office": Kind.REPLY,
    "vacation-rfc3834": Kind.REPLY,
    "spam-report": Kind.COMPLAINT,
    "spam-report-redacted": Kind.COMPLAINT,
    "unsubscribe-by-mail": Kind.OTHER,
    "somebody-writes": Kind.OTHER,
}


def _of(settings: Settings, report: Report) -> UUID | tuple[UUID, int] | None:
    addresses = (*report.sent_to, *report.returned)
    found = (verp.read(settings, address) for address in addresses)
    return next((of for of in found if of is not None), None)


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_a_report_tells_which_letter_and_what_became_of_it(name: str, settings: Settings) -> None:
    letter_id = uuid7()
    report = read(written(name, settings, letter_id))
    assert report.kind is Kind.REPORT
    assert _of(settings, report) == letter_id
    [fate] = report.fates
    assert (fate.action, fate.status, severity_of(fate)) == UNDERSTOOD[name]


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_the_same_report_is_read_from_lines_of_any_kind(name: str, settings: Settings) -> None:
    raw = written(name, settings, uuid7())
    assert read(raw.replace(b"\n", b"\r\n")) == read(raw)


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_report_is_told_apart(name: str, settings: Settings) -> None:
    report = read(written(name, settings))
    assert (report.kind, report.fates) == (OTHERS[name], ())


def test_every_sample_is_spoken_for() -> None:
    known = {*UNDERSTOOD, *OTHERS, "list-of-several", "forged-token", "malformed"}
    assert {path.stem for path in SAMPLES.glob("*.eml")} == known


def test_a_report_about_several_recipients_keeps_all(settings: Settings) -> None:
    report = read(written("list-of-several", settings))
    assert [(fate.action, fate.status) for fate in report.fates] == [
        (FAILED, "5.1.1"),
        (Action.DELIVERED, "2.0.0"),
    ]


def test_a_copy_of_an_issue_is_found_by_its_number(settings: Settings) -> None:
    of = (uuid7(), 17)
    assert _of(settings, read(written("gmail-no-such-user", settings, of))) == of


def test_a_token_somebody_made_up_is_nobodys(settings: Settings) -> None:
    assert _of(settings, read(written("forged-token", settings))) is None


def test_what_the_server_said_is_one_line_fit_for_a_page(settings: Settings) -> None:
    [fate] = read(written("hostile", settings, uuid7())).fates
    assert fate.diagnostic.isprintable()
    assert len(fate.diagnostic) <= 500
    [fate] = read(written("gmail-no-such-user", settings, uuid7())).fates
    assert fate.diagnostic.startswith("550-5.1.1 The email account")


def test_a_broken_report_is_still_about_its_letter(settings: Settings) -> None:
    letter_id = uuid7()
    report = read(written("malformed", settings, letter_id))
    assert _of(settings, report) == letter_id
    assert report.fates == ()
    assert report.sent_at is None


@pytest.mark.parametrize(
    ("action", "status", "diagnostic", "fate"),
    [
        ("failed", "5.0.0", "smtp; 550 5.1.1 no", (FAILED, "5.1.1")),
        ("failed", "5.0.0", "smtp; 450 4.2.2 no", (FAILED, "5.0.0")),
        ("failed", "5.0.0", "smtp; 550 mailbox (#5.1.1) gone", (FAILED, "5.0.0")),
        ("failed", "5.7.1", "smtp; 550 5.1.1 no", (FAILED, "5.7.1")),
        ("failed", "", "smtp; 552 5.3.4 too big", (FAILED, "5.3.4")),
        ("failed", "5.0.0", "smtp; 552 full", (FAILED, "5.2.2")),
        ("Failed (bad mailbox)", "5.1.1 (nobody)", "", (FAILED, "5.1.1")),
        ("failure", "553 no", "", (FAILED, "")),
        ("", "4.4.1", "", (DELAYED, "4.4.1")),
        ("", "5.1.1", "", (FAILED, "5.1.1")),
        ("failed", "2.0.0", "", None),
        ("expanded", "2.1.5", "", (Action.EXPANDED, "2.1.5")),
        ("failed", "5.1.1111", "", (FAILED, "")),
        ("nonsense", "nonsense", "nonsense", None),
    ],
)
def test_a_status_is_taken_from_where_servers_put_it(
    action: str, status: str, diagnostic: str, fate: tuple[Action, str] | None
) -> None:
    fields = f"Action: {action}\nStatus: {status}\nDiagnostic-Code: {diagnostic}\n"
    raw = f"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n{fields}\n--b--\n"
    found = [(one.action, one.status) for one in read(raw.encode()).fates]
    assert found == ([fate] if fate else [])


@pytest.mark.parametrize(
    ("action", "status", "severity"),
    [
        *((FAILED, status, Severity.HARD) for status in ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10")),
        *((FAILED, status, Severity.SOFT) for status in ("5.2.1", "5.2.2", "4.2.2", "4.4.7", "4.0.0")),
        *((FAILED, status, Severity.NOTICE) for status in ("5.7.1", "5.7.26", "4.7.0", "5.3.4", "5.0.0", "5.1.100", "")),
        *((action, "5.1.1", Severity.NOTICE) for action in Action if action is not FAILED),
        (DELAYED, "4.2.2", Severity.NOTICE),
    ],
)  # fmt: skip
def test_how_bad_it_is_follows_from_action_and_status(
    action: Action, status: str, severity: Severity
) -> None:
    assert severity_of(Fate(action, status, "550 5.1.1 user unknown")) is severity


@given(st.binary(max_size=4000))
def test_any_bytes_at_all_are_read(raw: bytes) -> None:
    read(raw)


PIECES = [
    b"\n", b"\r", b"--b\n", b"--b--\n", b"--", b";", b'"', b"\\", b"=?utf-8?q?=ff?=", b"\x00", b"\xff", b"@", b"<>", b" ",
    b"Content-Type: multipart/report; boundary=b\n", b"Content-Type: message/delivery-status\n", b"Content-Type: message/rfc822\n",
    b"Content-Type: message/feedback-report\n", b"Content-Type: message/global-delivery-status\n", b"Content-Type: ",
    b"Content-Type: message/external-body\n", b"Content-Type: message/partial\n", b"Content-Type: text/rfc822-headers\n",
    b"Content-Transfer-Encoding: base64\n", b"charset*=x'y'%zz;", b"boundary*0=b;", b"Action: failed\n", b"Status: 5.1.1\n",
    b"Diagnostic-Code: smtp; 550 5.1.1 x\n", b"Final-Recipient: rfc822; a@b\n", b"To: a@b, c\n", b"From: mailer-daemon@x\n",
    b"Auto-Submitted: auto-replied\n", b"Return-Path: <>\n", b"List-Unsubscribe: <mailto:a@b>\n", b"Date: Mon, 2 Mar 2026 10:00 +9999\n",
    b"Date: Mon, 31 Feb 0000 99:99:99 -0000\n", b"X-Failed-Recipients: a\n",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=5), max_size=80).map(b"".join))
def test_nor_does_anything_that_looks_like_mail_break_the_reader(raw: bytes) -> None:
    read(raw)


@given(st.sampled_from(sorted(SAMPLES.glob("*.eml"))), st.data())
def test_nor_a_sample_with_a_piece_torn_out(path: object, data: st.DataObject) -> None:
    raw = path.read_bytes()  # type: ignore[attr-defined]
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))
    read(raw[:start] + data.draw(st.binary(max_size=20)) + raw[end:])


HOSTILE = {
    "quotes": b'Content-Type: multipart/mixed; a="' + b";" * 250_000 + b"\n\nx",
    "many quotes": b"Content-Type: multipart/mixed; boundary=b\n\n" + (b'--b\nContent-Type: text/plain; a="' + b";" * 2900 + b"\n\nx\n") * 88,
    "folded": b"Content-Type: multipart/mixed;" + b'\n a="b;' * 30_000 + b"\n\nx",
    "nested": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(5000)),
    "messages": b"Content-Type: message/rfc822\n\n" * 9_000,
    "addresses": b"To: " + b"a@b, " * 60_000 + b"\n\n",
    "one word": b"To: " + b"a" * 250_000 + b"\n\n",
    "groups": b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n" + b"a: b\n\n" * 40_000,
    "parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 50_000,
    "enormous": b"Subject: x\n\n" + b"a" * 40_000_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_takes_long(name: str) -> None:
    began = time.process_time()
    read(HOSTILE[name])
    assert time.process_time() - began < 30, "hours, before there were limits"


def test_a_report_in_front_of_a_large_letter_is_still_read(settings: Settings) -> None:
    letter_id = uuid7()
    raw = written("postfix-no-such-user", settings, letter_id)
    body = b"\n".join([b"x" * 70] * (2 * MOST_BYTES // 70))
    report = read(raw.replace(b"Guten Tag,", body))
    assert [fate.status for fate in report.fates] == ["5.1.1"]
    assert _of(settings, report) == letter_id


def test_a_letter_of_ours_is_no_report(settings: Settings) -> None:
    """Somebody who forwards us a letter reports nothing."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "anna@nachbar.example", "ruecklauf@stadtteil.example"
    letter = EmailMessage()
    letter["Return-Path"] = f"<{verp.return_path(settings, uuid7())}>"
    letter.set_content("Status: 5.1.1")
    mail.set_content("Schauen Sie mal")
    mail.add_attachment(letter)
    assert read(mail.as_bytes()).kind is Kind.OTHER
