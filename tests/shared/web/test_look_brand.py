"""The office's colours and marks: refused where people could not read them."""

from pathlib import Path

import pytest

from shared.web.brand import BadBrand, contrast, load_brand

SAMPLE = Path("deploy/brand.toml")


def written(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = SAMPLE.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "brand.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_sample_brand_is_accepted_and_names_the_office_in_each_language() -> None:
    brand = load_brand(SAMPLE)
    assert brand.named("de") == brand.named("fr") == "Stadtteilbüro Westhagen"
    assert brand.named("tr") == "Westhagen Mahalle Bürosu"
    assert brand.named("ar") == "مكتب حي فيستهاغن"
    assert [(day.weekday, day.opens.hour) for day in brand.hours] == [(1, 10), (3, 15)]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('primary = "#24408E"', 'primary = "#7788AA"', "primary: #7788AA on #FFFFFF"),
        ('primary = "#24408E"', 'primary = "#757575"', "primary: #757575 on #F3F4F7"),
        ('primary = "#24408E"', 'primary = "#00798C"', "primary on accent"),
        ('second = "#00798C"', 'second = "#7FC8D4"', "second: #7FC8D4 on #FFFFFF"),
        ('accent = "#FFC83D"', 'accent = "#8A6A00"', "accent"),
        ('primary_dark = "#A9BFFF"', 'primary_dark = "#24408E"', "primary_dark"),
        ('band_dark = "#1D2034"', 'band_dark = "#9098C0"', "band_dark"),
    ],
)
def test_a_colour_that_cannot_be_read_is_refused_with_its_contrast(
    tmp_path: Path, old: str, new: str, what: str
) -> None:
    with pytest.raises(BadBrand, match=r"needed are [\d.]+:1") as refused:
        load_brand(written(tmp_path, (old, new)))
    assert what in str(refused.value)


def test_ink_on_a_dark_accent_is_refused(tmp_path: Path) -> None:
    """A light primary would be readable on it, the band's text would not."""
    dark = written(tmp_path, ('accent = "#FFC83D"', 'accent = "#B08A1E"'), ("#24408E", "#101830"))
    with pytest.raises(BadBrand, match="ink on accent"):
        load_brand(dark)


@pytest.mark.parametrize(
    "drawing",
    [
        "<svg><script>alert(1)</script></svg>",
        "<svg onload='x()'></svg>",
        '<svg><rect style="fill:red"/></svg>',
        '<svg><image href="https://example.org/x.png"/></svg>',
        '<svg><rect fill="url(#a)"/></svg>',
        "<p>no drawing</p>",
    ],
)
def test_a_logo_that_acts_or_reaches_out_is_refused(tmp_path: Path, drawing: str) -> None:
    with pytest.raises(BadBrand, match="plain <svg>"):
        load_brand(written(tmp_path, ('<svg viewBox="0 0 44 44">', drawing)))


def test_an_unknown_line_is_refused_instead_of_overlooked(tmp_path: Path) -> None:
    with pytest.raises(BadBrand, match="primry"):
        load_brand(written(tmp_path, ("primary = ", "primry = ")))


def test_the_stylesheet_has_light_dark_and_printed_colours_and_its_version_follows_them(
    tmp_path: Path,
) -> None:
    brand = load_brand(SAMPLE)
    other = load_brand(written(tmp_path, ("#00798C", "#00697C")))
    assert "--kern-color-action-default:#24408E" in brand.css
    assert "prefers-color-scheme:dark" in brand.css
    assert "--kern-color-action-default:#A9BFFF" in brand.css
    assert "@media print" in brand.css
    assert brand.version != other.version


def test_contrast_is_wcags() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#24408E", "#FFFFFF") == pytest.approx(9.6, abs=0.1)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)
