"""An issue's mails: compiled once a language, filled and signed for each recipient."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications import links
from services.notifications.bounces import verp
from services.notifications.bulk.compiled import Compiled, compile_issue
from services.notifications.bulk.copies import Copy
from services.notifications.bulk.dkim import Signer
from services.notifications.domain.issue import IssueKind
from services.notifications.issues.content import rendered
from services.notifications.letters.mime import ascii_domain, one_line
from services.notifications.letters.queue import brand_of
from services.notifications.letters.voice import Voice, catalogue
from services.notifications.sender.conversation import Envelope
from shared.service import Service
from shared.settings import Settings


@dataclass(frozen=True)
class Greeting:
    """In the words every letter uses: around a name, or without one where we know none."""

    before: str
    after: str
    nobody: str

    @classmethod
    def of(cls, language: str) -> Self:
        said, mark = catalogue(language).gettext, "\0"
        name = Voice(language, markup=False).said(mark)
        before, _, after = (said("Guten Tag %(name)s,") % {"name": name}).partition(mark)
        return cls(before, after, said("Guten Tag,"))

    def to(self, name: str) -> str:
        name = one_line(name)
        return f"{self.before}{name}{self.after}" if name else self.nobody


@dataclass
class Contents:
    """One issue, ready to be addressed."""

    service: Service
    issue_id: UUID
    kind: IssueKind
    at: datetime
    """The date in every copy: a copy sent again is the same letter."""
    signer: Signer | None
    compiled: dict[str, Compiled] = field(default_factory=dict)
    """By the language asked for, which may have none of its own."""
    greetings: dict[str, Greeting] = field(default_factory=dict)

    async def prepare(self, session: AsyncSession, languages: Iterable[str]) -> None:
        """Compile what is not yet there; raises Unfit or NoText."""
        settings = self.service.settings
        brand = brand_of(settings.brand_file)
        for language in set(languages) - set(self.compiled):
            mail = await rendered(session, self.service, self.issue_id, language)
            self.compiled[language] = compile_issue(
                mail,
                settings=settings,
                sender_name=brand.named(mail.language),
                kind=self.kind,
                at=self.at,
            )
            self.greetings[language] = Greeting.of(mail.language)

    def envelope(self, copy: Copy) -> Envelope:
        """The whole mail; raises ValueError where none can be made for this address."""
        settings, compiled = self.service.settings, self.compiled[copy.language]
        recipient = ascii_domain(copy.address)
        content = compiled.fill(
            to_name=copy.name,
            to_address=copy.address,
            message_id=message_id(settings, self.issue_id, copy.number),
            salutation=self.greetings[copy.language].to(copy.name),
            manage_url=links.url(settings, links.Purpose.MANAGE, copy.subscription_id),
            unsubscribe_url=links.url(settings, links.Purpose.UNSUBSCRIBE, copy.subscription_id),
            mailto_unsubscribe=verp.unsubscribe_mailto(settings, copy.subscription_id),
        )
        return Envelope(
            sender=verp.return_path(settings, (self.issue_id, copy.number)),
            recipient=recipient,
            utf8=not recipient.isascii(),
            content=self.signer.sign(content) if self.signer is not None else content,
            ready=True,
        )


def message_id(settings: Settings, issue_id: UUID, number: int) -> str:
    """The same at every attempt, so that a mailbox can tell a repeated copy."""
    return f"<{issue_id}.{number}@{settings.mail_domain}>"
