"""Addresses only we can have written."""

from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from services.notifications.bounces import verp
from shared.settings import Settings
from tests.notifications.bounces.conftest import BOUNCE_ADDRESS
from tests.support.services import SECRET_KEY

SETTINGS = Settings(
    redis_url="redis://127.0.0.1",
    keys_database_url="sqlite+aiosqlite:///keys",
    secret_key=SECRET_KEY,
    mail_from="post@stadtteil.example",
    bounce_address=BOUNCE_ADDRESS,
)
NUMBERS = st.integers(0, 2**32 - 1)
LETTERS = st.uuids() | st.tuples(st.uuids(), NUMBERS)
BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


def _with_name(name: str) -> Settings:
    return SETTINGS.model_copy(update={"bounce_address": f"{name}@stadtteil.example"})


@given(of=LETTERS, name=st.integers(1, verp.LONGEST_NAME).map(lambda length: "r" * length))
@example(of=(UUID(int=2**128 - 1), 2**32 - 1), name="r" * verp.LONGEST_NAME)
def test_a_return_path_is_read_in_any_case_and_fits_every_server(
    of: UUID | tuple[UUID, int], name: str
) -> None:
    settings = _with_name(name)
    path = verp.return_path(settings, of)
    local, _, domain = path.partition("@")
    assert (local.partition("+")[0], domain) == (name, "stadtteil.example")
    assert len(local) <= 64
    assert path == path.lower()
    for spelling in (path, path.upper(), f"<{path}>", f'"{local}"@{domain}', f"prvs=1a2b={path}"):
        assert verp.read(settings, spelling) == of


@given(of=LETTERS, place=st.integers(0, 60), letter=st.sampled_from(BASE32))
def test_a_token_somebody_changed_is_nobodys(
    of: UUID | tuple[UUID, int], place: int, letter: str
) -> None:
    local, _, domain = verp.return_path(SETTINGS, of).partition("@")
    name, _, token = local.partition("+")
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]
    found = verp.read(SETTINGS, f"{name}+{changed}@{domain}")
    assert found == (of if changed == token else None)


@given(of=LETTERS, cut=st.integers(1, 40), more=st.text(BASE32 + "=", max_size=9))
def test_nor_one_that_is_shorter_or_longer(
    of: UUID | tuple[UUID, int], cut: int, more: str
) -> None:
    local, _, domain = verp.return_path(SETTINGS, of).partition("@")
    assert verp.read(SETTINGS, f"{local[:-cut]}@{domain}") is None
    assert verp.read(SETTINGS, f"{local}{more or 'a'}@{domain}") is None


@given(st.text() | st.emails())
def test_any_other_address_is_nobodys(address: str) -> None:
    assert verp.read(SETTINGS, address) is None
    assert verp.read_unsubscribe(SETTINGS, address) is None


@given(st.uuids())
def test_a_mail_unsubscribes_with_an_address_that_is_good_for_nothing_else(
    subscription_id: UUID,
) -> None:
    mailto = verp.unsubscribe_mailto(SETTINGS, subscription_id)
    assert mailto is not None
    address = mailto.removeprefix("mailto:").removesuffix("?subject=unsubscribe")
    local = address.partition("@")[0]
    assert local.startswith("ruecklauf+u-")
    assert len(local) <= 64
    assert verp.read_unsubscribe(SETTINGS, address.upper()) == subscription_id
    assert verp.read(SETTINGS, address) is None
    assert verp.read(SETTINGS, address.replace("u-", "")) is None
    assert verp.read_unsubscribe(SETTINGS, verp.return_path(SETTINGS, subscription_id)) is None


def test_another_installation_reads_nothing_of_ours() -> None:
    theirs = SETTINGS.model_copy(update={"secret_key": SecretStr("x" * 40)})
    assert verp.read(theirs, verp.return_path(SETTINGS, uuid7())) is None


def test_without_an_address_for_it_letters_leave_from_the_one_people_see() -> None:
    plain = SETTINGS.model_copy(update={"bounce_address": ""})
    assert verp.return_path(plain, uuid7()) == "post@stadtteil.example"
    assert verp.unsubscribe_mailto(plain, uuid7()) is None
    verp.check(plain)


@pytest.mark.parametrize(
    "address",
    ["r" * (verp.LONGEST_NAME + 1) + "@a.example", "a+b@a.example", "nur-ein-name", "@a.example", "ü@a.de"],
)  # fmt: skip
def test_a_setting_that_cannot_work_is_told_at_the_start(address: str) -> None:
    settings = SETTINGS.model_copy(update={"bounce_address": address})
    with pytest.raises(verp.UnusableBounceAddress):
        verp.check(settings)
