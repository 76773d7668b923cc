"""Makes small PNG files of what a browser shows: with a palette, as its pages have few colors."""

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

Pixels = NDArray[np.uint8]

DECODED = """async picture => {
    const bitmap = await createImageBitmap(await (await fetch("data:image/png;base64," + picture)).blob());
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const bytes = context.getImageData(0, 0, bitmap.width, bitmap.height).data;
    let text = "";
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return [bitmap.width, bitmap.height, btoa(text)];
}"""


def pixels(page: Page) -> Pixels:
    """Return what a page shows, as rows of red, green and blue; a blank page of its browser decodes it."""
    picture = base64.b64encode(page.screenshot()).decode()
    blank = page.context.new_page()
    width, height, text = blank.evaluate(DECODED, picture)
    blank.close()
    whole: Pixels = np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)
    return whole[:, :, :3]


def indexed(picture: Pixels, colors: int) -> bytes:
    """Return a picture as a PNG of its commonest colors; each other color becomes the nearest of them."""
    height, width, _ = picture.shape
    found, places, counts = np.unique(picture.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    palette = found[np.argsort(-counts, kind="stable")[:colors]].astype(np.int32)
    nearest = np.array([((palette - color) ** 2).sum(axis=1).argmin() for color in found.astype(np.int32)], np.uint8)
    rows = nearest[places.reshape(height, width)]
    lines = np.hstack([np.zeros((height, 1), np.uint8), rows]).tobytes()  # each row begins with its filter: none
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = (b"IHDR", header), (b"PLTE", palette.astype(np.uint8).tobytes()), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b"")  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
