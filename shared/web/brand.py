"""The office's own name, marks and colours: one file, for pages, letters and paper alike."""

import hashlib
import re
import tomllib
from datetime import time
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import quote

from markupsafe import Markup
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from shared.web.legal import Legal
from shared.web.outgoing import Outgoing

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

WHITE: Final = "#FFFFFF"
SURFACE: Final = "#F3F4F7"
INK: Final = "#131525"
"""KERN's text colour in the light."""

NIGHT: Final = "#0D0F1C"
NIGHT_SURFACE: Final = "#1B1E33"
"""KERN's backgrounds in the dark; a brand's dark colours must be readable on both."""

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$", to_upper=True)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]

_ACTIVE: Final = re.compile(
    r"<\s*(?:script|style|foreignobject|image|use|a)\b|\son\w+\s*=|\sstyle\s*=|href|url\(|<!|<\?",
    re.IGNORECASE,
)


class BadBrand(ValueError):
    """The brand file cannot be used; the message says which line and why."""


class Hours(BaseModel):
    """One stretch of one day in which the office is open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    day: str
    opens: time
    closes: time

    @field_validator("day")
    @classmethod
    def _a_weekday(cls, day: str) -> str:
        if day not in WEEKDAYS:
            raise ValueError(f"write one of {', '.join(WEEKDAYS)}")
        return day

    @property
    def weekday(self) -> int:
        """Monday is 0."""
        return WEEKDAYS.index(self.day)


class Brand(BaseModel):
    """What every page, letter and PDF of this office shows; `names` and `taglines` by language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Said
    tagline: Said
    district: Said
    names: dict[str, Said] = {}
    taglines: dict[str, Said] = {}
    districts: dict[str, Said] = {}
    address: Annotated[tuple[Said, ...], Field(min_length=1)]
    phone: Said
    email: Said
    hours: tuple[Hours, ...] = ()
    legal: Legal | None = None
    mail: Outgoing = Outgoing()

    logo: str
    skyline: str = ""
    primary: Colour
    accent: Colour
    second: Colour
    primary_dark: Colour = "#A9BFFF"
    band_dark: Colour = "#1D2034"
    second_dark: Colour = "#4CC2D4"

    @field_validator("logo", "skyline")
    @classmethod
    def _a_still_drawing(cls, drawing: str) -> str:
        """The policy would block it, or it would reach elsewhere."""
        drawing = drawing.strip()
        if drawing and (not drawing.startswith("<svg") or _ACTIVE.search(drawing)):
            raise ValueError("give a plain <svg> without styles, scripts and links")
        return drawing

    @model_validator(mode="after")
    def _readable(self) -> Self:
        for what, colour, ground, least in self._pairs():
            if (has := contrast(colour, ground)) < least:
                raise ValueError(
                    f"{what}: {colour} on {ground} has a contrast of {has:.1f}:1, "
                    f"needed are {least}:1"
                )
        return self

    def _pairs(self) -> list[tuple[str, str, str, float]]:
        return [
            ("primary", self.primary, WHITE, 4.5),
            ("primary", self.primary, SURFACE, 4.5),
            ("primary on accent", self.primary, self.accent, 4.5),
            ("second", self.second, WHITE, 3),
            ("second", self.second, SURFACE, 3),
            ("ink on accent", INK, self.accent, 7),
            ("primary_dark", self.primary_dark, NIGHT, 4.5),
            ("primary_dark", self.primary_dark, NIGHT_SURFACE, 4.5),
            ("primary_dark on band_dark", self.primary_dark, self.band_dark, 4.5),
            ("second_dark", self.second_dark, NIGHT, 3),
            ("text on band_dark", SURFACE, self.band_dark, 7),
        ]

    def named(self, lang: str) -> str:
        """The office's name as readers of this language write it."""
        return self.names.get(lang, self.name)

    def says(self, lang: str) -> str:
        """The line below the name."""
        return self.taglines.get(lang, self.tagline)

    def district_in(self, lang: str) -> str:
        """The district's name as readers of this language write it."""
        return self.districts.get(lang, self.district)

    @property
    def mark(self) -> Markup:
        """The logo, to stand in a page; it says nothing, the name beside it does."""
        return _drawn(self.logo, "sb-brand__mark")

    @property
    def art(self) -> Markup:
        """The skyline behind the front page's band; empty if the office has none."""
        return _drawn(self.skyline, "sb-hero__art") if self.skyline else Markup()

    @property
    def icon(self) -> str:
        """The logo as an address, for the browser's tab."""
        drawing = self.logo.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        return f"data:image/svg+xml,{quote(drawing)}"

    @cached_property
    def css(self) -> str:
        """The stylesheet /static/brand.css."""
        light = (
            f"--sb-accent:{self.accent};--sb-band:{self.accent};--sb-on-band:{INK};"
            f"--sb-skyline:{INK};--sb-second:{self.second};"
            f"--kern-color-action-default:{self.primary};--kern-color-action-on-default:#FFF"
        )
        dark = (
            f"--sb-accent:{self.accent};--sb-band:{self.band_dark};--sb-on-band:{SURFACE};"
            f"--sb-skyline:{self.accent};--sb-second:{self.second_dark};"
            f"--kern-color-action-default:{self.primary_dark};--kern-color-action-on-default:#000"
        )
        return (
            f":root,[data-kern-theme=light]{{{light}}}\n"
            f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
            f"[data-kern-theme=dark]{{{dark}}}\n"
            f"[data-kern-theme=light]{{{light}}}\n"
            f"@media print{{:root,[data-kern-theme]{{{light}}}}}\n"
        )

    @cached_property
    def version(self) -> str:
        """Changes when brand.css does, so that browsers may keep it for a year."""
        return hashlib.sha256(self.css.encode()).hexdigest()[:12]


def load_brand(path: Path) -> Brand:
    """Read brand.toml; raises BadBrand for colours people could not read and drawings that act."""
    try:
        written: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        return Brand.model_validate(written)
    except (OSError, ValueError) as error:
        raise BadBrand(f"{path}: {error}") from error


def contrast(one: str, other: str) -> float:
    """WCAG's contrast of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _drawn(svg: str, css_class: str) -> Markup:
    return Markup(svg.replace("<svg", f'<svg class="{css_class}" aria-hidden="true"', 1))  # noqa: S704 - checked when read
