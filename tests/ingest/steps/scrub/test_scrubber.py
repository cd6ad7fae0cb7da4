"""Events: personal data goes, everything else stays, people stay apart."""

from __future__ import annotations

import json
import string
import uuid
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.steps.scrub import (
    CARD_REDACTED,
    EMAIL_REDACTED,
    NATIONAL_ID_REDACTED,
    PHONE_REDACTED,
    REDACTED,
    SSN_REDACTED,
    Policy,
    Scrubber,
    scrub_text,
    scrub_value,
)
from tests.ingest.collector import event

SCRUBBER = Scrubber(b"a key for tests 0123456789")
WORDS = st.text(string.ascii_letters + string.digits + " .,:;!()-_/'\"é\n", max_size=30)
PLACES = ("properties", "traits", "context")


def scrubbed(sent: dict[str, Any], tenant: str = "acme") -> dict[str, Any]:
    """The event after its step, as the pipeline takes it."""
    copy: dict[str, Any] = orjson.loads(orjson.dumps(sent))
    SCRUBBER.scrub(copy, orjson.dumps(copy), tenant)
    return copy


def cards() -> st.SearchStrategy[str]:
    """Valid card numbers of several issuers."""

    def complete(prefix: str, length: int, digits: list[int]) -> str:
        body = (prefix + "".join(map(str, digits)))[: length - 1]
        for check in "0123456789":
            total = 0
            for position, digit in enumerate(map(int, reversed(body + check))):
                doubled = digit * (1 + position % 2)
                total += doubled // 10 + doubled % 10
            if total % 10 == 0:
                return body + check
        raise AssertionError

    issuers = st.sampled_from([("4", 16), ("4", 13), ("55", 16), ("2221", 16), ("37", 15)])
    fill = st.lists(st.integers(0, 9), min_size=16, max_size=16)
    return st.builds(lambda issuer, digits: complete(issuer[0], issuer[1], digits), issuers, fill)


@given(st.emails(), WORDS, WORDS, st.sampled_from(PLACES))
def test_no_email_survives(email: str, before: str, after: str, place: str) -> None:
    for text in (f"{before} {email} {after}", f"<{email}>", f"mailto:{email}?subject=x", email):
        kept = json.dumps(scrubbed(event(**{place: {"note": [{"text": text}]}})))
        assert email not in kept
        assert EMAIL_REDACTED in kept or REDACTED in kept


@given(st.emails())
def test_no_email_survives_in_a_url(email: str) -> None:
    quoted = email.replace("@", "%40")
    for url in (
        f"https://app.test/u/{email}/edit",
        f"/u/{quoted}/edit",
        f"/search?q={quoted}",
        f"/x?email={quoted}&y=1",
    ):
        kept = scrubbed(event(context={"page": {"url": url, "referrer": url, "title": url}}))
        assert email.partition("@")[2] not in json.dumps(kept)


@given(cards(), st.sampled_from(["", " ", "-"]))
def test_no_card_survives(card: str, separator: str) -> None:
    if len(card) == 16:
        card = separator.join(card[start : start + 4] for start in range(0, 16, 4))
    assert scrub_text(f"paid with {card}.") == f"paid with {CARD_REDACTED}."
    if card.isdigit():
        assert scrubbed(event(properties={"n": int(card)}))["properties"] == {"n": CARD_REDACTED}


LIKELY = st.text(st.sampled_from(list("0123456789-. ()+")), min_size=7, max_size=24)


@given(LIKELY | st.text(st.sampled_from(list('0149-. ()+%2B40@a.="{}\\:?&')), max_size=40))
def test_the_quick_look_misses_nothing(text: str) -> None:
    assert scrubbed(event(properties={"t": text}))["properties"] == {"t": scrub_text(text)}


@given(st.integers(0, 9999), st.integers(200, 999), st.integers(200, 999))
def test_no_phone_or_ssn_survives(last: int, middle: int, first: int) -> None:
    for phone in (
        f"{first}-{middle:03}-{last:04}",
        f"({first}) {middle:03}-{last:04}",
        f"{first}.{middle:03}.{last:04}",
        f"1-{first}-{middle:03}-{last:04}",
        f"+1{first}{middle:03}{last:04}",
        f"+49 {first} {middle:03} {last:04}",
        f"0{first} / {middle:03}{last:04}",
    ):
        text = f"seen {phone}, please"
        kept = scrubbed(event(properties={"t": text}))["properties"]
        assert kept == {"t": f"seen {PHONE_REDACTED}, please"} == {"t": scrub_text(text)}
    ssn = f"{first - 199:03}-{middle % 99 + 1:02}-{last or 1:04}"
    if first - 199 != 666:
        kept = scrubbed(event(properties={"t": f"it is {ssn}"}))["properties"]
        assert kept == {"t": f"it is {SSN_REDACTED}"}


@given(
    st.uuids(),
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)),
    st.integers(10**9, 2_200_000_000),
    st.timezones(),
)
def test_ids_and_times_stay(key: uuid.UUID, when: datetime, epoch: int, zone: Any) -> None:
    for text in (
        str(key), key.hex, f"evt_{key.hex}", f"urn:uuid:{key}", key.hex.upper(),
        when.isoformat(), when.replace(tzinfo=UTC).isoformat() + "Z",
        when.replace(tzinfo=zone).isoformat(), when.strftime("%Y%m%dT%H%M%S"),
        when.strftime("%Y-%m-%d %H:%M:%S"), str(epoch), str(epoch * 1000), f"{epoch}.123456",
        str(epoch * 10**6), str(epoch * 10**9),
        f"WO-{when.year}-{epoch % 10000:04}", f"/work-orders/{key}?from={epoch}",
    ):  # fmt: skip
        assert scrub_text(text) == text
    numbers = {"ms": epoch * 1000, "us": epoch * 10**6, "id": str(key)}
    assert scrubbed(event(properties=numbers))["properties"] == numbers


@pytest.mark.parametrize(
    "text",
    ["react@18.2.0", "lodash@4.17.21", "10.0.1.45", "a@b", "@here", "v1.2.3-4567", "1,234,567.89",
     "0.4111111111111111", "4111111111111112", "+10:00", "GMT+1000", "12-34-5678",
     "3.14159265358979", "Lot 2026-02-16", "https://app.test/a?utm_source=mail&page=2",
     "(100) rows", "e2e8b0d1-4111"],
)  # fmt: skip
def test_look_alikes_stay(text: str) -> None:
    assert scrub_text(text) == text


def test_the_traits_that_models_need_stay() -> None:
    traits = {
        "role": "operator", "subscription_tier": "enterprise", "department": "manufacturing",
        "signup_date": "2025-10-12", "feature_name": "ai", "plan_name": "x",
        "ip_address": "10.0.0.1",
        "has_email": True, "microphone": "built-in", "email_count": 3, "mobile": True, "name": "x",
    }  # fmt: skip
    assert scrubbed(event(traits=traits))["traits"] == traits
    assert scrubbed(event(traits={**traits, "x": "a@b.test"}))["traits"] == {
        **traits, "x": EMAIL_REDACTED
    }  # fmt: skip


def test_two_scrubbed_keys_stay_two() -> None:
    sent = {"bob@x.test": 1, "al@x.test": 2, EMAIL_REDACTED: 3, "id": 4}
    kept = scrub_value(sent)
    assert sorted(kept.values()) == [1, 2, 3, 4]
    assert kept[EMAIL_REDACTED] == 3
    assert kept[f"{EMAIL_REDACTED} 2"] == 1
    assert kept[f"{EMAIL_REDACTED} 3"] == 2


def test_a_tenant_has_its_own_national_ids() -> None:
    policies = {"roma": Policy(frozenset({"IT", "ES"}))}
    scrubber = Scrubber(b"key", lambda tenant: policies.get(tenant, Policy()))
    for tenant, kept_text in (("roma", f"cf {NATIONAL_ID_REDACTED}"), ("acme", "cf {}")):
        for code in ("RSSMRA85T10A562S", "rssmra85t10a562s"):
            sent = event(properties={"t": f"cf {code}"}, user_id=code)
            scrubber.scrub(sent, orjson.dumps(sent), tenant)
            assert sent["properties"]["t"] == kept_text.format(code)
            assert sent["user_id"].startswith("pii_") == (tenant == "roma")
    with pytest.raises(ValueError, match="no national id is known for XX"):
        Policy(frozenset({"XX", "US"}))


def test_a_number_that_is_a_national_id_goes_by_policy() -> None:
    assert scrub_value({"n": 52998224725}) == {"n": 52998224725}
    assert scrub_value({"n": 52998224725}, Policy(frozenset({"BR"}))) == {"n": NATIONAL_ID_REDACTED}


def test_an_address_as_an_id_becomes_a_stable_pseudonym() -> None:
    one = scrubbed(event(user_id="Bob@X.test", anonymous_id="415-555-0123"))
    two = scrubbed(event(user_id=" bob@x.test", session_id="bob@x.test"))
    assert one["user_id"] == two["user_id"] == two["session_id"]
    assert one["user_id"].startswith("pii_")
    assert len(one["user_id"]) == 36
    assert one["anonymous_id"].startswith("pii_")
    assert scrubbed(event(user_id="Bob@X.test"), "globex")["user_id"] != one["user_id"]
    assert Scrubber(b"another key").pseudonym("acme", "bob@x.test") != one["user_id"]
    assert scrubbed(event())["user_id"] == "usr_1"


def test_an_alias_names_the_same_pseudonyms() -> None:
    renames = {"previous_id": "bob@x.test", "new_id": "usr_1"}
    alias = scrubbed(event(event_name="user.alias", properties=renames))
    before = scrubbed(event(user_id="bob@x.test"))
    assert alias["properties"] == {"previous_id": before["user_id"], "new_id": "usr_1"}


def test_depth_is_bounded() -> None:
    deep: Any = "bob@x.test"
    for _ in range(300):
        deep = [deep]
    assert "bob" not in json.dumps(scrub_value(deep))
