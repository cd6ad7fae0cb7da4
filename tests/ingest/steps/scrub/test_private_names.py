"""Fields that are private by their name, in any spelling, and those that only look so."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.steps.scrub import REDACTED, is_private_name, scrub_value


@pytest.mark.parametrize(
    "name",
    ["email", "Email", "E-Mail", "e_mail", "phone", "ssn", "SSN", "credit_card", "creditCard",
     "password", "first_name", "firstName", "FirstName", "First Name", "first-name", "last_name",
     "lastName", "full_name", "address", "date_of_birth", "dateOfBirth", "driver_license",
     "driver's license", "mobile", "dob", "fax", "DOB", "firstname", "FIRSTNAME"],
)  # fmt: skip
@pytest.mark.parametrize(
    "shape",
    ["{}", "{}1", "{}_2", "user_{}", "customer.{}", "{}_old", "{}-primary", "user[{}]",
     "user[{}][x]",
     "patient_{}_3"],
)  # fmt: skip
def test_a_private_word_is_enough_in_front_or_at_the_end(name: str, shape: str) -> None:
    field = shape.format(name)
    for value in ("Bob", 17, {"a": 1}, ["x"]):
        kept = scrub_value({"list": [{"deep": {field: value}}], "other": 1})
        assert kept == {"list": [{"deep": {field: REDACTED}}], "other": 1}


@pytest.mark.parametrize(
    "name",
    ["password1", "user_phone_number", "mobile", "customer_last_name", "patient_dob",
     "billing_address", "user_email", "workPhone", "newPassword", "USER_EMAIL", "userpassword",
     "customerlastname", "passwordConfirmation", "address_line_1", "ssnLast4", "phone_work",
     "homeAddress2", "pass\u200bword", "ｅｍａｉｌ", "prénom", "Teléfono", "cardNumber", "IBAN",
     "drivers-licence-no", "passport_number", "contraseña"],
)  # fmt: skip
def test_names_that_were_missed_once(name: str) -> None:
    assert is_private_name(name)
    assert list(scrub_value({name: "x"}).values()) == [REDACTED]


@pytest.mark.parametrize(
    "name",
    ["", "id", "name", "user_name", "feature_name", "event_name", "role", "department",
     "microphone",
     "headphones", "saxophone", "ip_address", "macAddress", "remote_address", "memory address",
     "email_count", "has_email", "isMobile", "phone_model", "mobile_app_version", "email_verified",
     "password_changed_at", "email_template", "mobile_os", "addressable", "voicemail", "compass",
     "emailed", "cell_count", "pass_rate", "birth_rate", "card_type", "17", "___", "num_phones"],
)  # fmt: skip
def test_names_that_tell_nothing_private(name: str) -> None:
    assert not is_private_name(name)


@pytest.mark.parametrize("value", [True, False, None])
@pytest.mark.parametrize("name", ["email", "mobile", "user_phone"])
def test_a_flag_is_no_secret(name: str, value: Any) -> None:
    assert scrub_value({name: value}) == {name: value}
