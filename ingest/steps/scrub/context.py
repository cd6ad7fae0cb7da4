"""What the words before a number say it is."""

from __future__ import annotations

import re

_REACH = 32
# A lot, an order, a serial number: whatever follows looks like a phone or a card by chance.
_ID = re.compile(
    r"(?<![^\W_])(?:lots?|batch(?:es)?|charge(?:nnummer)?|orders?|ord|wo|po|so|sku|serial|s/n|sn"
    r"|part|p/n|pn"
    r"|ref|reference|invoice|inv|ticket|item|asset|tracking|gtin|ean|upc|isbn|model|trace|request"
    r"|job|run|sample|specimen|commande|bestellung|auftrag|pedido|ordine|lote|lotto|partie|id)"
    r"[_ ]?(?:no|nr|num|number|id|code|key)?[\s:#=._\"'-]{0,4}$",
    re.IGNORECASE,
)


def names_an_id(text: str, position: int) -> bool:
    """Whether the words right before a position announce a lot, an order or another id."""
    return _ID.search(text, max(0, position - _REACH), position) is not None
