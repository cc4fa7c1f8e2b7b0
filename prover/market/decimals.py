"""Decimals as people write them in files and options."""

from decimal import Decimal, InvalidOperation


def plain_decimal(text: str) -> Decimal | None:
    """Return the number that a text is, None where it is none.

    `Decimal` alone would take digits of other scripts and underscores, which are typing errors here.
    """
    if not text.isascii() or "_" in text:
        return None
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return None
