"""Personal data inside text: forms, URLs, JSON, Python, log lines, headers, odd characters."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from ingest.steps.scrub import (
    CARD_REDACTED,
    EMAIL_REDACTED,
    IBAN_REDACTED,
    NATIONAL_ID_REDACTED,
    PHONE_REDACTED,
    REDACTED,
    SSN_REDACTED,
    scrub_header,
    scrub_text,
    scrub_value,
)

# What stands in the text, and what is left of it; § is short for the placeholder.
PAIRS = {
    # Forms and queries.
    "password=hunter2&user=7": "password=§&user=7",
    "user=7&password=hunter2": "user=7&password=§",
    "user[first_name]=Bob&user[id]=7": "user[first_name]=§&user[id]=7",
    "user%5Bfirst_name%5D=Bob&user%5Bid%5D=7": "user%5Bfirst_name%5D=§&user%5Bid%5D=7",
    "GET /x?email=bob&y=1 HTTP/1.1": "GET /x?email=§&y=1 HTTP/1.1",
    "email=bob;phone=5;id=7": "email=§;phone=§;id=7",
    "a=1&password=&b=2": "a=1&password=&b=2",
    # JSON, Python, Ruby, JavaScript; whole, escaped, cut short.
    "{'password': 'x', 'id': 7}": "{'password': '§', 'id': 7}",
    "{'password':'x','id':7}": "{'password':'§','id':7}",
    "{'dob': datetime.date(1980, 3, 1), 'x': 1}": "{'dob': '§', 'x': 1}",
    "{'password': None, 'email': True}": "{'password': None, 'email': True}",
    '{"password":"x","id":7} trailing': '{"password":"§","id":7} trailing',
    '{"first_name": "Bo\\"b", "id": 7, "x": "cut': '{"first_name": "§", "id": 7, "x": "cut',
    '{"a": 1, "last_name": "Smi': '{"a": 1, "last_name": "§',
    '\\"first_name\\": \\"Bob\\", \\"id\\": 7': '\\"first_name\\": \\"§\\", \\"id\\": 7',
    "'address': {'street': '12 Main', 'city': 'X'}, 'id': 7": "'address': '§', 'id': 7",
    '{"user"=>{"password"=>"y"}, "id"=>1}': '{"user"=>{"password"=>"§"}, "id"=>1}',
    'f(password="x", id=1)': 'f(password="§", id=1)',
    "{password: x, id: 7}": "{password: §, id: 7}",
    # Log lines.
    "password: x": "password: §",
    "pwd:hunter2": "pwd:§",
    "login failed password=hunter2 for user 7": "login failed password=§ for user 7",
    "12:00:01 INFO email: bob phone: 415 id=7": "12:00:01 INFO email: § phone: § id=7",
    "First name: Bob, Last name: Smith, status: ok": "First name: §, Last name: §, status: ok",
    "full_name=Bob Smith status=ok": "full_name=§ status=ok",
    "Date of birth: 1980-01-01\nid: 7": "Date of birth: §\nid: 7",
    "address: 12 Main Street, Springfield; id: 7": "address: §; id: 7",
    "PASSWORD = 'a b c' x=1": "PASSWORD = '§' x=1",
    "ssn: 123456789": "ssn: §",
}


@pytest.mark.parametrize("text", PAIRS)
def test_private_pairs(text: str) -> None:
    assert scrub_text(text) == PAIRS[text].replace("§", REDACTED)


@pytest.mark.parametrize(
    "text",
    ["the password is wrong", "has_email: true", "email: null", "step 1: email sent",
     "at 12:30: ok",
     "https://app.test:8080/a?tab=mail&page=2", "utm_source=mail&x=1", "url: https://x.test/a",
     "microphone: on", "a=b&c=d", "size: 640 480 1080", "error: 5", "x: {y: 1}", "password: ",
     "https://app.test/work-orders/:id/steps"],
)  # fmt: skip
def test_other_pairs_stay(text: str) -> None:
    assert scrub_text(text) == text


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize(
    "secret", ["bob@x.test", "jürgen@müller.de", "+49 30 901820", "4111 1111 1111 1111"]
)
def test_percent_encoding_hides_nothing(secret: str, times: int) -> None:
    encoded = secret
    for _ in range(times):
        encoded = quote(encoded, safe="")
    for text in (f"/u/{encoded}/edit", f"https://x.test/?q={encoded}&y=1", f"q={encoded}"):
        kept = scrub_text(text)
        assert encoded not in kept
        assert "REDACTED]" in kept
        assert kept.endswith(text.rpartition(encoded)[2])


def test_a_form_inside_a_url_inside_a_url() -> None:
    inner = "https://y.test/?password=hunter2&a=1&email=" + quote("bob@x.test", safe="")
    kept = scrub_text("https://x.test/cb?next=" + quote(inner, safe="") + "&z=1")
    assert "hunter2" not in kept
    assert "bob" not in kept
    assert kept.endswith("&z=1")
    assert "a%3D1" in kept
    assert scrub_text("note=call+%2B49+30+901820") == f"note=call%20%20{PHONE_REDACTED}"


@pytest.mark.parametrize(
    "text",
    ["bob\u200b@x.test", "bob＠x.test", "ｂｏｂ＠ｘ．ｔｅｓｔ", "ju\u0308rgen@mu\u0308ller.de",
     "b\u00adob@x.te\u2060st", "मोहन@उदाहरण.भारत", "bob\\u0040x.test"],
)  # fmt: skip
def test_an_address_in_any_form(text: str) -> None:
    assert scrub_text(f"<{text}>") == f"<{EMAIL_REDACTED}>"


@pytest.mark.parametrize(
    "text",
    ["415‑555‑0123", "415–555–0123", "(415)\u00a0555\u202f0123", "＋４９　３０　９０１８２０",
     "+49 30 90\u200b1820", "٠٣٠ ٩٠١٨٢٠٤٥", "415·555·0123", "415-555-0123x123",
     "415-555-0123 ext. 9",
     "+1 (415) 555-0123 x 77", "0049 30 901820", "00 49 30 901820", "030/901820-12",
     "+44 (0)20 7946 0958", "(+358) 494205552", "+1.415.555.0123"],
)  # fmt: skip
def test_a_phone_in_any_form(text: str) -> None:
    assert scrub_text(f"at {text}, ok") == f"at {PHONE_REDACTED}, ok"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tel. 0612345678", f"Tel. {PHONE_REDACTED}"),
        ("call me at 415 555 0123", f"call me at {PHONE_REDACTED}"),
        ("WhatsApp: 729 825 979", f"WhatsApp: {PHONE_REDACTED}"),
        ("call 4155550123 times", "call 4155550123 times"),
        ("LOT 415-555-0123", "LOT 415-555-0123"),
        ("order no. 4111111111111111", "order no. 4111111111111111"),
        ("card 4111111111111111", f"card {CARD_REDACTED}"),
        ("4111 1111 1111 1111 2027", f"{CARD_REDACTED} 2027"),
        ("4000 0000 0000 0000 006", CARD_REDACTED),
        ("371449635398431 3714 496353 98431", f"{CARD_REDACTED} {CARD_REDACTED}"),
        ("4111 1111 1111 1112", "4111 1111 1111 1112"),
        ("+1 415 555 0123 12 items", f"{PHONE_REDACTED} 12 items"),
        ("DE89 3704 0044 0532 0130 00 paid", f"{IBAN_REDACTED} paid"),
        ("de89370400440532013000", IBAN_REDACTED),
        ("GB82-WEST-1234-5698-7654-32", IBAN_REDACTED),
        ("DE88370400440532013000", "DE88370400440532013000"),
        ("123-45-6789", SSN_REDACTED),
        ("912-75-1234", SSN_REDACTED),
        ("000-12-3456 666-12-3456 123-00-4567", "000-12-3456 666-12-3456 123-00-4567"),
        ("SSN 123 45 6789", f"SSN {SSN_REDACTED}"),
        ("QQ 12 34 56 C AB123456C", f"QQ 12 34 56 C {NATIONAL_ID_REDACTED}"),
        ("NHS 943 476 5919", f"NHS {NATIONAL_ID_REDACTED}"),
        ("https://bob:secret@db.test/x", f"https://{REDACTED}@db.test/x"),
        ('"bob smith"@x.test', EMAIL_REDACTED),
    ],
)
def test_numbers_and_addresses(text: str, expected: str) -> None:
    assert scrub_text(text) == expected


@pytest.mark.parametrize(
    "text",
    ["react@18.2.0", "a@b", "@here", "icon@2x.png", "pkg@1.2.3-beta.rc", "v1.2.3-4567",
     "123-456-7890", "640 480 1080", "LOT 163 97 9684", "+48.858844,+2.294351",
     "+40.7128-074.0060/",
     "(+62.47204 -157.90619)", "2026 02 20 23 15", "01.02.2026 14:30", "10.0.19045.3693",
     "f0f32534-ad60-4343-8914-34abd0c9f856", "Gecko/20100101 Firefox/133.0", "00:11:22:33:44:55",
     "1,234,567.89", "0.4111111111111111", "2001:db8::ff00:42:8329", "ab–cd “Zürich” 東京"],
)  # fmt: skip
def test_look_alikes_stay_as_they_are(text: str) -> None:
    assert scrub_text(text) == text


def test_json_inside_text_is_scrubbed_by_its_keys() -> None:
    inner = json.dumps({"first_name": "Bob", "id": 7})
    kept = scrub_value({"payload": inner, "twice": json.dumps({"x": inner}), "log": inner[:-12]})
    assert json.loads(kept["payload"]) == {"first_name": REDACTED, "id": 7}
    assert json.loads(json.loads(kept["twice"])["x"]) == {"first_name": REDACTED, "id": 7}
    assert "Bob" not in json.dumps(kept)


def test_a_header_is_scrubbed_as_utf_8_or_latin_1() -> None:
    assert scrub_header("Bot/1.0 (+mailto:bob@x.test)") == f"Bot/1.0 (+mailto:{EMAIL_REDACTED})"
    latin = "jürgen@müller.de".encode().decode("latin-1")
    assert scrub_header(f"Bot {latin}") == f"Bot {EMAIL_REDACTED}"
    assert scrub_header("Jürgen's browser") == "Jürgen's browser"
    agent = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/131.0.6778.85 Safari/537.36 Edg/131.0.2903.86"
    )
    assert scrub_header(agent) == agent
