"""Read the body of an answer up to a maximum size."""

from collections.abc import Iterator
from typing import Final

from urllib3 import BaseHTTPResponse

MOST: Final = 64_000_000
"""Maximum bytes of an answer, decompressed. The largest, 1,000 page views or 200 contacts, have a few million."""
_PIECE: Final = 65_536


class TooLarge(Exception):  # noqa: N818 - named for what the body is
    """A body is larger than any valid answer."""


def body(raw: BaseHTTPResponse, most: int = MOST) -> bytes:
    """Return the decompressed body, decompressing piecewise so that a compression bomb is noticed in time."""
    try:
        found = b"".join(_pieces(raw, most))
    except BaseException:
        raw.close()  # do not reuse a connection with unread data
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
