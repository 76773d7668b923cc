"""Slack's incoming webhooks.

`text` is the notification, in which &, < and > are control characters. The body is `rich_text`, whose elements say
themselves what is a link, so that nothing in a text is read as formatting or as a mention (docs.slack.dev: "Sending
messages using incoming webhooks", "Formatting message text", "Rich text block", as of 2026-11).
"""

from typing import Any, Final

from pipeline.notify.message import Message, Piece

_ESCAPED: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def payload(message: Message) -> dict[str, Any]:
    """Return the JSON to post."""
    lines = [[*map(_element, line), {"type": "text", "text": "\n"}] for line in message.pieces()]
    section = {"type": "rich_text_section", "elements": [element for line in lines for element in line]}
    header = {"type": "header", "text": {"type": "plain_text", "text": message.title, "emoji": False}}
    body = [{"type": "rich_text", "elements": [section]}] if lines else []
    return {
        "text": message.title.translate(_ESCAPED),
        "blocks": [header, *body],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _element(piece: Piece) -> dict[str, str]:
    if piece.url:
        return {"type": "link", "url": piece.url}
    return {"type": "text", "text": piece.text}
