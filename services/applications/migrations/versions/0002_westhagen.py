"""The first fund's rules: Westhagen, as they hold from the first day of our data; another office adds its own row."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from shared.store import ANY_JSON

revision: Final = "0002"
down_revision: Final[str | None] = "0001"
branch_labels: Final[Sequence[str] | None] = None
depends_on: Final[Sequence[str] | None] = None

FIELDS: Final = (
    ("encounter", "Begegnung", "Bringing people together", "اللقاء والتعارف"),
    ("education", "Bildung", "Education", "التعليم"),
    ("image", "Image", "Image of the district", "صورة الحي"),
    ("building", "Wohnen und Grün", "Housing and green spaces", "السكن والمساحات الخضراء"),
    ("economy", "Lokale Wirtschaft", "Local economy", "الاقتصاد المحلي"),
    ("qualification", "Qualifizierung", "Training", "التأهيل"),
    ("employment", "Beschäftigung", "Employment", "العمل"),
)
"""Code, then German, English, Arabic."""

WHO: Final = (
    (
        "Menschen, die in Westhagen wohnen",
        "People who live in Westhagen",
        "الأشخاص الذين يسكنون في فيستهاغن",
    ),
    (
        "Initiativen und Gruppen aus Westhagen",
        "Initiatives and groups from Westhagen",
        "المبادرات والمجموعات من فيستهاغن",
    ),
    (
        "Vereine und Einrichtungen, die in Westhagen oder für Westhagen arbeiten",
        "Associations and institutions that work in or for Westhagen",
        "الجمعيات والمؤسسات التي تعمل في فيستهاغن أو من أجلها",
    ),
)

NOT_PAID: Final = (
    (
        "Dinge, die schon gekauft, bestellt oder begonnen sind",
        "Things already bought, ordered or begun",
        "الأشياء التي تم شراؤها أو طلبها أو البدء بها من قبل",
    ),
    (
        "Laufende Kosten, zum Beispiel Miete, Strom oder Gehälter",
        "Running costs such as rent, electricity or salaries",
        "التكاليف الجارية مثل الإيجار أو الكهرباء أو الرواتب",
    ),
    ("Essen und Getränke", "Food and drink", "الطعام والمشروبات"),
    (
        "Was andere schon ganz bezahlen",
        "What others already pay for in full",
        "ما يدفعه آخرون بالكامل",
    ),
)


def words(text: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(("de", "en", "ar"), text, strict=True))


RULES: Final[dict[str, Any]] = {
    "name": words(("Bürgerfonds", "Citizens’ fund", "صندوق السكان")),
    "board": "Freunde Westhagens",
    "year_cents": 500_000,
    "deadline_days": 14,
    "cap_cents": None,
    "fields": [{"code": code, "name": words(tuple(names))} for code, *names in FIELDS],
    "who_may_apply": [words(text) for text in WHO],
    "not_paid": [words(text) for text in NOT_PAID],
    "draft_days": 30,
    "minutes_needed": 20,
}

funds = sa.table(
    "funds", sa.column("code"), sa.column("holds_from", sa.Date()), sa.column("rules", ANY_JSON)
)


def upgrade() -> None:
    row = {"code": "buergerfonds", "holds_from": date(2020, 1, 1), "rules": RULES}
    op.bulk_insert(funds, [row])


def downgrade() -> None:
    op.execute(sa.delete(funds).where(funds.c.code == "buergerfonds"))
