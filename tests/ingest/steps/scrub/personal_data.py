"""Made-up personal data of 14 locales, and what only looks like it, for a seed.

Faker writes addresses and numbers as each country writes them; beside it stand shapes that people
use and Faker does not know. Nothing here is random but by its seed.
"""

from __future__ import annotations

import json
import random
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote

from faker import Faker
from stdnum.iso7064 import mod_11_10

LOCALES = (
    *("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "sv_SE", "pt_BR"),
    *("pl_PL", "da_DK", "ja_JP", "cs_CZ", "en_AU"),
)
CLOSE_LOCALES = LOCALES[:9]
"""Those whose phones have the tighter bound."""
ID_COUNTRIES = {
    "en_US": "US", "en_GB": "GB", "fr_FR": "FR", "it_IT": "IT", "es_ES": "ES", "de_DE": "DE",
    "pl_PL": "PL", "pt_BR": "BR", "sv_SE": "SE",
}  # fmt: skip

# Where personal data is found: alone, in a sentence, in quotes and brackets, in JSON.
PLACES: tuple[Callable[[str], str], ...] = (
    lambda secret: secret,
    lambda secret: f"Customer said {secret}, please check.",
    lambda secret: f"({secret})",
    lambda secret: f'got "{secret}" from the form',
    lambda secret: f"contact: {secret}.",
    lambda secret: f"see {secret}; thanks",
    lambda secret: json.dumps({"id": 7, "note": secret}),
    lambda secret: f"line one\n{secret}\nline three",
    lambda secret: f"https://app.test/find?q={quote(secret, safe='')}&page=2",
    lambda secret: f"<b>{secret}</b>",
)

# `#` is a digit, `%` one from 1, `$` one from 2. As people write, beyond what Faker writes.
_PHONES = {
    "en_US": ("$##-$##-####", "($##) $##-####", "+1 $## $## ####", "$##.$##.#### ext. 12",
              "1-$##-$##-####", "$## $##-####", "+1 ($##) $##-####", "$##‑$##‑####",
              "+1$##$######"),
    "en_GB": ("020 7946 0###", "07700 900###", "+44 7700 900 ###", "+44 (0)20 7946 0###",
              "0161 496 0###", "(01632) 960###", "0044 7700 900###", "01632-960###",
              "07700–900–###"),
    "de_DE": ("030 901820##", "+49 30 901820##", "0049 171 %######", "0171/%######",
              "(089) %#####-##", "+49 (0)89 / %#####", "089-%######",
              "030 – %#######"),
    "fr_FR": ("06 ## ## ## ##", "+33 6 ## ## ## ##", "01.##.##.##.##", "0033 1 ## ## ## ##",
              "06-##-##-##-##", "+33 (0)1 ## ## ## ##", "06\u00a0##\u00a0##\u00a0##\u00a0##"),
    "es_ES": ("+34 6## ### ###", "6## ## ## ##", "0034 91 ### ## ##", "+34-9##-###-###",
              "91# ## ## ##", "+34 6########"),
    "it_IT": ("+39 347 %######", "347 %######", "06 %###%###", "02-%#######", "+39 06 %#######",
              "0039 347 ### ####", "(02) %#######", "347-%######", "06/%#######"),
    "nl_NL": ("020-%######", "06-%#######", "+31 6 %#######", "0031 20 ### ## ##",
              "06 %### ####", "+31 (0)20 ### ####", "(010) ### ## ##"),
    "sv_SE": ("08-123 45 ##", "070-### ## ##", "+46 70 ### ## ##", "0046 8 ### ## ##",
              "031-## ## ##", "+46 (0)31-## ## ##", "070 ### ## ##"),
    "pt_BR": ("(11) 9####-####", "+55 11 9####-####", "11 9####-####", "(21) $###-####",
              "0055 11 9####-####", "(011) $###-####", "+55 (11) $###-####"),
    "pl_PL": ("+48 6## ### ###", "(22) ### ## ##", "0048 22 ### ## ##", "+48 22 ### ## ##",
              "6##-###-###"),
    "da_DK": ("$# ## ## ##", "+45 $# ## ## ##", "0045 $### ####", "+45 $###-####"),
    "ja_JP": ("090-####-####", "03-####-####", "+81 90 #### ####", "0120-###-###", "(03) ####-####",
              "０９０－####－####"),
    "cs_CZ": ("+420 6## ### ###", "00420 7## ### ###", "+420-6##-###-###"),
    "en_AU": ("04## ### ###", "(02) $### ####", "+61 4## ### ###", "02 $### ####",
              "0061 2 $### ####", "0$-$###-####"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """A text, and the personal data in it."""

    text: str
    secret: str

    def is_kept(self, scrubbed: str) -> bool:
        """Whether the secret, or most of a number's digits, is still to be read."""
        if self.secret in scrubbed:
            return True
        left, whole = _letters(scrubbed), _letters(self.secret)
        if "@" in self.secret:
            return self.secret.partition("@")[0] in scrubbed.replace("_REDACTED", "")
        most = max(5, len(whole) * 6 // 10)
        return any(whole[i : i + most] in left for i in range(len(whole) - most + 1))


@lru_cache(maxsize=32)
def _faker(locale: str) -> Faker:
    return Faker(locale)


def personal(kind: str, locale: str, seed: int, count: int) -> Iterator[Sample]:
    """`count` samples of email, phone, card, iban or national id, each in one of PLACES."""
    fake = _faker(locale)
    fake.seed_instance(seed)
    rng = random.Random(f"{seed} {kind} {locale}")
    for number in range(count):
        secret = _secret(kind, locale, fake, rng)
        yield Sample(PLACES[number % len(PLACES)](secret), secret)


def _secret(kind: str, locale: str, fake: Faker, rng: random.Random) -> str:
    if kind == "email":
        return _email(fake, rng)
    if kind == "phone":
        return _phone(locale, fake, rng)
    if kind == "card":
        return _grouped(fake.credit_card_number(), rng, (4, 4, 4, 4, 4))
    if kind == "iban":
        iban = fake.iban()
        return rng.choice((iban, " ".join(re.findall(".{1,4}", iban))))
    return _national_id(locale, fake, rng)


def _email(fake: Faker, rng: random.Random) -> str:
    made = str(rng.choice((fake.email, fake.company_email, fake.free_email, fake.safe_email))())
    local, _, domain = made.partition("@")
    return rng.choice(
        (
            made,
            made,
            f"{local}+tag@{domain}",
            made.upper(),
            f"{local}@mail.{domain}",
            f"{local}_x@{domain}",
        )
    )


def _phone(locale: str, fake: Faker, rng: random.Random) -> str:
    """A number with separators or a country code: bare digits are not promised."""
    while True:
        if rng.random() < 0.6:
            number = str(fake.phone_number())
        else:
            number = re.sub(
                "[#%$]",
                lambda mark: str(rng.randint({"#": 0, "%": 1, "$": 2}[mark[0]], 9)),
                rng.choice(_PHONES[locale]),
            )
        if re.search(r"[^0-9]", number):
            return number


def _national_id(locale: str, fake: Faker, rng: random.Random) -> str:
    if locale == "de_DE":
        return str(fake.rvnr()) if rng.random() < 0.5 else _steuer_id(rng)
    if locale == "es_ES":
        return str(rng.choice((fake.nie, fake.nif))())
    if locale == "pt_BR":
        return str(rng.choice((fake.cpf, fake.ssn))())
    made = str(fake.ssn())
    if locale == "fr_FR" and rng.random() < 0.5:
        return " ".join(
            (made[0], made[1:3], made[3:5], made[5:7], made[7:10], made[10:13], made[13:])
        )
    return made


def _steuer_id(rng: random.Random) -> str:
    """A German tax id: ten digits, one of them twice, and a check digit (ISO 7064, mod 11, 10)."""
    digits = rng.sample("0123456789", 9)
    digits.append(rng.choice(digits))
    rng.shuffle(digits)
    if digits[0] == "0":
        digits.sort(reverse=True)
    made = "".join(digits)
    made += mod_11_10.calc_check_digit(made)
    return rng.choice((made, f"{made[:2]} {made[2:5]} {made[5:8]} {made[8:]}"))


def _grouped(digits: str, rng: random.Random, sizes: tuple[int, ...]) -> str:
    separator = rng.choice(("", "", " ", "-"))
    if not separator or len(digits) < 14:
        return digits
    if len(digits) in (14, 15):
        sizes = (4, 6, 5)
    groups, start = [], 0
    for size in sizes:
        groups.append(digits[start : start + size])
        start += size
    return separator.join(group for group in groups if group)


def _letters(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z@]", "", text)


# Where a look-alike is found.
_SURROUNDINGS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: f"value {text} seen",
    lambda text: f"({text})",
    lambda text: f'got "{text}"',
    lambda text: f"x={text}&y=1",
    lambda text: json.dumps({"id": 7, "note": text}),
    lambda text: f"https://app.test/x/{text}?q={quote(text)}",
    lambda text: f"[{text}, {text}]",
    lambda text: f"at {text}: ok",
    lambda text: f"{text}\n{text}",
)


def look_alikes(kind: str, seed: int, count: int) -> Iterator[str]:
    """`count` texts of a kind of LOOK_ALIKES that hold no personal data."""
    rng = random.Random(f"{seed} {kind}")
    for number in range(count):
        yield _SURROUNDINGS[number % len(_SURROUNDINGS)](LOOK_ALIKES[kind](rng))


def _epoch(digits: int) -> Callable[[random.Random], str]:
    return lambda rng: str(rng.randrange(10**9, 2 * 10**9) * 10**9 + rng.randrange(10**9))[:digits]


def _time(rng: random.Random) -> str:
    when = datetime(2001, 1, 1, tzinfo=UTC) + timedelta(
        seconds=rng.randrange(10**9), microseconds=rng.randrange(10**6)
    )
    zone = rng.choice(("Z", "+02:00", "-0500", ""))
    return rng.choice((
        when.strftime("%Y-%m-%dT%H:%M:%S.%f") + zone,
        when.strftime("%Y-%m-%d %H:%M:%S"),
        when.strftime("%Y%m%dT%H%M%S") + zone,
        when.strftime("%d.%m.%Y %H:%M"),
        when.strftime("%d/%m/%Y"),
        when.strftime("%m-%d-%Y %H:%M"),
        when.strftime("%Y/%m/%d %H:%M:%S,") + f"{rng.randrange(1000):03}",
    ))  # fmt: skip


def _version(rng: random.Random) -> str:
    parts = [
        str(rng.choice((0, rng.randrange(30), rng.randrange(10000))))
        for _ in range(rng.randint(2, 4))
    ]
    return (
        rng.choice(("", "v", "Chrome/")) + ".".join(parts) + rng.choice(("", "-beta.2", "+build.7"))
    )


def _ip(rng: random.Random) -> str:
    if rng.random() < 0.2:
        return ":".join(f"{rng.randrange(65536):x}" for _ in range(8))
    address = ".".join(str(rng.randrange(256)) for _ in range(4))
    return rng.choice((address, f"{address}:8080", f"{address}/24", f"ip={address}"))


def _signed(rng: random.Random) -> str:
    places = rng.randint(4, 8)
    latitude, longitude = rng.uniform(-90, 90), rng.uniform(-180, 180)
    return rng.choice((
        f"{latitude:+.{places}f},{longitude:+.{places}f}",
        f"{latitude:+.{places}f} {longitude:+.{places}f}",
        f"{latitude:+.{places}f}{longitude:+.{places}f}/",
        f"{latitude:.{places}f}, {longitude:.{places}f}",
        f"({latitude:.{places}f},{longitude:.{places}f})",
        f"lat={latitude:+.{places}f} lon={longitude:+.{places}f}",
    ))  # fmt: skip


def _three(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return " ".join(str(rng.randint(1, 4000)) for _ in range(3))
    digits = rng.choice(((3, 3, 4), (3, 3, 3), (4, 3, 2), (3, 2, 4), (2, 4, 4), (3, 4, 4)))
    return " ".join(str(rng.randrange(10 ** (size - 1), 10**size)) for size in digits)


def _lot(rng: random.Random) -> str:
    word = rng.choice(("LOT", "Lot", "lot no.", "Batch", "LOT:", "Charge"))
    return word + " " + rng.choice((
        f"{rng.randrange(100, 1000)} {rng.randrange(10, 100)} {rng.randrange(1000, 10000)}",
        f"{rng.randrange(1000):03} {rng.randrange(100):02} {rng.randrange(10000):04}",
        f"{rng.randrange(1000):03}-{rng.randrange(1000):03}-{rng.randrange(10000):04}",
        f"{rng.randrange(10**6):06}-{rng.randrange(10000):04}",
        f"{rng.choice('ABCD')}{rng.randrange(10**7):07}",
    ))  # fmt: skip


def _icon(rng: random.Random) -> str:
    name, ending = rng.choice(("icon", "logo", "a/b")), rng.choice(("png", "jpg", "webp", "svg"))
    return f"{name}@{rng.choice((2, 3, 1.5))}x.{ending}"


def _package(rng: random.Random) -> str:
    name, mark = rng.choice(("pkg", "@scope/x", "react")), rng.choice(("", "v", "^"))
    version = ".".join(str(rng.randrange(20)) for _ in range(3))
    return f"{name}@{mark}{version}{rng.choice(('', '-beta.1', '-rc.two'))}"


def _order(rng: random.Random) -> str:
    """Ten digits in the groups of an American phone, and none that could be one."""
    return f"1{rng.randrange(100):02}-{rng.randrange(1000):03}-{rng.randrange(10000):04}"


LOOK_ALIKES: dict[str, Callable[[random.Random], str]] = {
    "UUID": lambda rng: str(uuid.UUID(int=rng.getrandbits(128), version=4)),
    "epoch s": _epoch(10),
    "epoch ms": _epoch(13),
    "epoch us": _epoch(16),
    "epoch ns": _epoch(19),
    "ISO and local times": _time,
    "versions": _version,
    "IP addresses": _ip,
    "hex hashes": lambda rng: f"{rng.getrandbits(256):064x}"[: rng.choice((7, 8, 12, 32, 40, 64))],
    "10 digit ids": lambda rng: str(rng.randrange(10**9, 10**10)),
    "19 digit ids": lambda rng: str(rng.randrange(10**18, 2 * 10**18)),
    "WO-2026-nnnn": lambda rng: f"WO-2026-{rng.randrange(10000):04}",
    "icon@2x.png": _icon,
    "pkg@1.2.3": _package,
    "123-456-7890": _order,
    "coordinates": _signed,
    "three numbers": _three,
    "lot numbers": _lot,
    "16 digits": lambda rng: str(rng.randrange(10**15, 10**16)),
}
MOST_HIT = dict.fromkeys(LOOK_ALIKES, 0.0) | {
    "coordinates": 0.02, "three numbers": 0.02, "lot numbers": 0.02, "16 digits": 0.03,
}  # fmt: skip
"""The share of a kind that may be hit. 2.4 % of 16 random digits have an issuer and a checksum."""
