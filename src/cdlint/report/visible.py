"""Text as it may be shown on a terminal: nothing hidden, nothing that steers it."""

from __future__ import annotations


def visible(text: str) -> str:
    """The text with characters that print nothing, or do something, replaced by signs."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else sign(char) for char in text)


def sign(char: str) -> str:
    """What is shown for a character that cannot be printed: `␛`, `<U+200B>`."""
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"<U+{code:04X}>"
