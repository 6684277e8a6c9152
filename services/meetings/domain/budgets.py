"""What is left of each fund's year, as applications told it last; nobody here reckons with it."""

from sqlalchemy.orm import Mapped, mapped_column

from services.meetings.store import Base


class KnownBudget(Base):
    """One fund's year after the newest word about it; `told` is that word's number."""

    __tablename__ = "known_budgets"

    fund: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    budget_cents: Mapped[int]
    released_cents: Mapped[int]
    left_cents: Mapped[int]
    told: Mapped[int]
