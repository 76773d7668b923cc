"""Reads the body of an answer, never more of it than it may have."""

from collections.abc import Iterator
from typing import Final

from urllib3 import BaseHTTPResponse

MOST: Final = 64_000_000
"""Bytes of an answer, unpacked. The largest, 1,000 page views or 200 contacts with long texts, has a few million."""
_PIECE: Final = 65_536


class TooLarge(Exception):  # noqa: N818 - named for what the body is
    """A body has more bytes than any answer has."""


def body(raw: BaseHTTPResponse, most: int = MOST) -> bytes:
    """Return the unpacked body of an answer; a compressed one is unpacked piece by piece, as it may be all blanks."""
    try:
        found = b"".join(_pieces(raw, most))
    except BaseException:
        raw.close()  # what is left of it is not worth reading
        raise
    raw.release_conn()
    return found


def _pieces(raw: BaseHTTPResponse, most: int) -> Iterator[bytes]:
    read = 0
    for piece in raw.stream(_PIECE, decode_content=True):
        read += len(piece)
        if read > most:
            raise TooLarge(f"its body has more than {most // 1_000_000} MB")
        yield piece
