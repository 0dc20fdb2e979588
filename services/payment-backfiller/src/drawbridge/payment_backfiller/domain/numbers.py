"""Vendor codes and invoice numbers, made comparable: people type them twice, in two systems."""

import re
from collections.abc import Collection
from functools import lru_cache

CUT_LENGTHS = (15, 21)
"""Ledgers that keep no more characters of an invoice number: Sage 100 Contractor and Sage 300 keep 15."""

_DIGITS = re.compile(r"\d+")


def vendor_key(code: str | None) -> str:
    """A ledger vendor code without case and surrounding blanks; empty when there is none."""
    return (code or "").strip().upper()


@lru_cache(maxsize=10_000)
def normalised(number: str | None) -> str:
    """An invoice number without case, blanks, punctuation and the leading zeros of each digit group."""
    text = (number or "").casefold()
    shorter = _DIGITS.sub(lambda digits: digits[0].lstrip("0") or "0", text)
    return "".join(character for character in shorter if character.isalnum())


def invoice_keys(vendor_code: str | None, number: str | None) -> list[str]:
    """Under which keys bills find an AP invoice: vendor with the number as it is, normalised, and cut."""
    text = (number or "").strip()
    forms = {normalised(text), *(normalised(text[:length]) for length in CUT_LENGTHS if len(text) > length)}
    return _keys(vendor_code, text, forms)


def bill_keys(vendor_code: str, number: str) -> list[str]:
    """Under which keys a bill looks for its AP invoice; what is found is compared by `same_number`."""
    return _keys(vendor_code, number.strip(), {normalised(number)})


def exact_key(vendor_code: str | None, number: str | None) -> str:
    """The first of the keys, vendor with the number as it is; empty where one of them is."""
    vendor, text = vendor_key(vendor_code), (number or "").strip()
    return f"{vendor}|={text}" if vendor and text else ""


def _keys(vendor_code: str | None, text: str, forms: Collection[str]) -> list[str]:
    vendor = vendor_key(vendor_code)
    if not vendor:
        return []
    exact = exact_key(vendor_code, text)
    return [*([exact] if exact else []), *sorted(f"{vendor}|{form}" for form in forms if form)]


def same_number(ours: str | None, ledgers: str) -> bool:
    """Whether both mean one number; a cut form counts only for a ledger number of exactly that length."""
    text = (ours or "").strip()
    theirs = normalised(ledgers)
    if not theirs:
        return False
    if normalised(text) == theirs:
        return True
    length = len(ledgers.strip())
    return length in CUT_LENGTHS and len(text) > length and normalised(text[:length]) == theirs
