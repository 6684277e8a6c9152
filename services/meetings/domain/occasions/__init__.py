"""Festivals, walks, workshops, consultations, and who comes to them."""

from services.meetings.domain.occasions.occasion import (
    MOVES,
    AlreadyOver,
    HasRegistrations,
    IllegalMove,
    Occasion,
    OccasionStatus,
    Plan,
    RegisterUntilAfterStart,
    ReservedAbovePlaces,
    TakenAlready,
)
from services.meetings.domain.occasions.places import (
    FewPlaces,
    NoPlaces,
    RegistrationClosed,
    fits,
    promotable,
)
from services.meetings.domain.occasions.registration import (
    REGISTRATION_MOVES,
    CallBecause,
    IllegalRegistrationMove,
    NotRegistered,
    Reach,
    Registration,
    RegistrationStatus,
    Wish,
)

__all__ = [
    "MOVES",
    "REGISTRATION_MOVES",
    "AlreadyOver",
    "CallBecause",
    "FewPlaces",
    "HasRegistrations",
    "IllegalMove",
    "IllegalRegistrationMove",
    "NoPlaces",
    "NotRegistered",
    "Occasion",
    "OccasionStatus",
    "Plan",
    "Reach",
    "RegisterUntilAfterStart",
    "Registration",
    "RegistrationClosed",
    "RegistrationStatus",
    "ReservedAbovePlaces",
    "TakenAlready",
    "Wish",
    "fits",
    "promotable",
]
