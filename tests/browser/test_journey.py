"""What the whole is for, in Chromium on the demo."""

from tests.browser.conftest import NewContext
from tests.browser.journey import Play
from tests.browser.site import Codes, Site


def test_from_a_draft_in_arabic_to_letters_and_the_partner_feed(
    site: Site, codes: Codes, new_context: NewContext
) -> None:
    Play(site, codes, new_context).play()
