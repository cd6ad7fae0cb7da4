"""The bounds of METRICS.md on made-up data of 14 locales.

The seeds here were never used while the patterns were written (`bench.scrub` has its own).
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest

from ingest.steps.scrub import DEFAULT_COUNTRIES, Policy, Scrubber, scrub_text
from tests.ingest.collector import event
from tests.ingest.steps.scrub.personal_data import (
    CLOSE_LOCALES,
    ID_COUNTRIES,
    LOCALES,
    LOOK_ALIKES,
    MOST_HIT,
    look_alikes,
    personal,
)

SEEDS = (20261124, 777_001, 31_337)
COUNT = 120  # samples of a kind, a locale and a seed
LOOK_ALIKE_COUNT = 4000


def shares(kind: str, locales: tuple[str, ...] = LOCALES) -> Iterator[tuple[str, float]]:
    """The share of secrets of a kind that went, by locale."""
    for locale in locales:
        policy = Policy(
            DEFAULT_COUNTRIES | {ID_COUNTRIES[locale]} if kind == "id" else DEFAULT_COUNTRIES
        )
        samples = [sample for seed in SEEDS for sample in personal(kind, locale, seed, COUNT)]
        kept = sum(sample.is_kept(scrub_text(sample.text, policy)) for sample in samples)
        yield locale, 1 - kept / len(samples)


@pytest.mark.parametrize(("kind", "least"), [("email", 0.999), ("card", 0.99), ("iban", 0.99)])
def test_what_is_written_alike_everywhere(kind: str, least: float) -> None:
    found = dict(shares(kind))
    assert sum(found.values()) / len(found) >= least, found
    assert min(found.values()) >= 0.98, found


def test_phones() -> None:
    found = dict(shares("phone"))
    assert sum(found.values()) / len(found) >= 0.95, found
    assert {locale: share for locale, share in found.items() if share < 0.70} == {}
    assert {locale: found[locale] for locale in CLOSE_LOCALES if found[locale] < 0.97} == {}


def test_national_ids_by_policy() -> None:
    found = dict(shares("id", tuple(ID_COUNTRIES)))
    assert {locale: share for locale, share in found.items() if share < 0.95} == {}


@pytest.mark.parametrize("kind", LOOK_ALIKES)
def test_what_only_looks_like_it_stays(kind: str) -> None:
    texts = list(look_alikes(kind, SEEDS[0], LOOK_ALIKE_COUNT))
    hit = [text for text in texts if scrub_text(text) != text]
    assert len(hit) <= MOST_HIT[kind] * len(texts), hit[:5]


@pytest.mark.parametrize(
    "countries", [DEFAULT_COUNTRIES, DEFAULT_COUNTRIES | set(ID_COUNTRIES.values())]
)
def test_the_quick_look_misses_nothing_of_it(countries: frozenset[str]) -> None:
    policy = Policy(countries)
    scrubber = Scrubber(b"key", lambda _: policy)
    kinds = [(kind, locale) for kind in ("email", "phone", "card", "iban") for locale in LOCALES]
    kinds += [("id", locale) for locale in ID_COUNTRIES]
    for kind, locale in kinds:
        for sample in personal(kind, locale, SEEDS[1], 50):
            sent = event(properties={"t": sample.text})
            scrubber.scrub(sent, orjson.dumps(sent), "acme")
            assert sent["properties"] == {"t": scrub_text(sample.text, policy)}
