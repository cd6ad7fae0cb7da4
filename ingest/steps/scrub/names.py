"""Which fields are private by their name, whatever they hold.

The names are the specification's (J.1.4: email, phone, ssn, credit_card, password, first_name,
last_name, full_name, address, date_of_birth, driver_license) with their usual variants and
translations. A name is private as a whole, or by its first or last words.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ingest.steps.scrub.normal import plain_letters

# Camel case, capitals and digits end a word; so does anything that is no letter.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_]+")
_LONGEST_PHRASE = 5


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Written without separators: first_name, firstName and First-Name are one.
_PRIVATE = _set("""
    email emailaddress mail mailaddress correo correoelectronico courriel epost
    phone phonenumber phoneno telephone telephonenumber telephoneno tel telno telefon
    telefonnummer telefono telefone telefoon telefoonnummer teleph rufnummer handynummer
    numerotelephone numerodetelephone
    mobile mobilephone mobilenumber mobileno mobilephonenumber cellphone cellphonenumber
    cellnumber celular cellulare fax faxnumber faxno homephone workphone
    ssn socialsecurity socialsecuritynumber socialsecurityno socialinsurancenumber
    nationalid nationalidnumber nationalinsurance nationalinsurancenumber nino
    codicefiscale pesel personnummer cpf dni numerosecuritesociale
    creditcard creditcardnumber creditcardno debitcard debitcardnumber cardnumber cardno
    ccnumber cvv cvc iban bankaccount bankaccountnumber
    password passwd pwd passphrase passcode passwort kennwort contrasena motdepasse senha
    wachtwoord losenord haslo
    firstname lastname fullname middlename givenname givennames familyname surname forename
    maidenname legalname birthname patientname personname employeename contactname
    cardholdername cardholder vorname nachname prenom nomdefamille apellido apellidos cognome
    sobrenome voornaam achternaam fornamn efternamn
    address streetaddress homeaddress postaladdress mailingaddress billingaddress
    shippingaddress deliveryaddress adresse direccion indirizzo endereco
    dateofbirth birthdate birthday birthdt dob datebirth yearofbirth birthyear placeofbirth
    birthplace geburtsdatum geboortedatum datedenaissance fechadenacimiento datadinascita
    datadenascimento fodelsedatum
    driverlicense driverslicense driverlicence driverslicence drivinglicense drivinglicence
    driverlicensenumber driverslicensenumber driverlicencenumber driverslicencenumber
    drivinglicensenumber drivinglicencenumber driverlicenseno drivinglicenceno
    passport passportnumber passportno
""")
# Without any separator (`userpassword`, `customerlastname`) only what is part of no other word:
# a microphone is no phone.
_UNMISTAKABLE = (
    "password",
    "passwd",
    "firstname",
    "lastname",
    "fullname",
    "middlename",
    "surname",
    "emailaddress",
    "useremail",
    "phonenumber",
    "mobilenumber",
    "dateofbirth",
    "birthdate",
    "creditcard",
    "cardnumber",
    "streetaddress",
    "homeaddress",
    "billingaddress",
    "shippingaddress",
    "driverlicense",
)
# An address of these is no person's.
_MACHINES = _set("""
    ip ipv4 ipv6 v4 v6 mac hw hardware memory mem bus i2c modbus register network net subnet
    gateway dns broadcast multicast loopback bluetooth ble bt usb pci web url uri http server
    host node peer listen bind remote local source src destination dst base start end virtual
    physical contract
""")
# `has_email`, `num_phones`: a flag or a number, not the thing.
_FLAGS = _set("is has had can may should allow allows enable show hide use uses num")
# A name that *begins* with a private word and ends in one of these tells something about it:
# `email_count`, `phone_model`, `password_changed_at`. Patterns still look into its value.
_ABOUT = _set("""
    count counts total sum verified confirmed validated valid invalid status state type types kind
    template templates campaign campaigns subject sent delivered opened clicked bounced received
    at on date time timestamp age days domain provider model brand make os version app apps
    platform device devices carrier operator country length strength score policy rule rules
    reset resets changed change updated expired expires expiry attempts enabled disabled required
    optional format regex pattern error errors label placeholder field fields visible present
    missing optin optout consent frequency notification notifications setting settings
    preference preferences queue service server client web view views viewport site browser menu
    nav layout width height screen size ms seconds mode users usage session sessions
    traffic network sdk build friendly responsive bar book space range pool mask family
    resolver lookup autocomplete validation verification marketing newsletter digest
""")
_NUMBERED = re.compile(r"[0-9]+")


@lru_cache(maxsize=8192)
def is_private_name(name: str) -> bool:
    """Whether a field of this name is redacted: as a whole, or by its first or last words."""
    if "[" in name:  # user[address][street]: what is inside a private field is private
        parts = name.replace("]", "").split("[")
        return "REDACTED]" not in name and any(map(is_private_name, parts))
    words = _words(name)
    return bool(words) and (_ends_private(words) or _begins_private(words))


@lru_cache(maxsize=8192)
def is_private_label(label: str) -> bool:
    """Whether what stands before a colon in prose is private: as a whole, or by its last words."""
    words = _words(label)
    return bool(words) and _ends_private(words)


def _words(name: str) -> list[str]:
    """The words of a name, lowercase, without digits at the end."""
    if not name.isascii():
        name = plain_letters(name)
    words = [word.lower() for word in _WORD.findall(name)]
    while words and _NUMBERED.fullmatch(words[-1]):
        words.pop()
    return words


def _ends_private(words: list[str]) -> bool:
    if words[0] in _FLAGS and len(words) > 1:
        return False
    for count in range(1, min(len(words), _LONGEST_PHRASE) + 1):
        if "".join(words[-count:]) in _PRIVATE:
            before = words[-count - 1] if count < len(words) else ""
            return not (words[-count] == "address" and before in _MACHINES)
    return words[-1].endswith(_UNMISTAKABLE)


def _begins_private(words: list[str]) -> bool:
    if words[-1] in _ABOUT:
        return False
    longest = min(len(words) - 1, _LONGEST_PHRASE)
    return words[0].startswith(_UNMISTAKABLE) or any(
        "".join(words[:count]) in _PRIVATE for count in range(1, longest + 1)
    )
