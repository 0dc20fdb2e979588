"""Vendor codes and invoice numbers, made comparable: people type them twice, in two systems."""

import re
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
