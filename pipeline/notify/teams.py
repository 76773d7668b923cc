"""Webhooks of the Workflows app in Microsoft Teams, which took the place of the retired Microsoft 365 connectors.

They take a message with Adaptive Cards only (learn.microsoft.com: "Create and send messages", microsoftteams/platform/
webhooks-and-connectors/how-to/connectors-using; "Format cards in Teams": Markdown is read in TextBlock and facts; as of
2026-11). Text is in RichTextBlocks, so that nothing in it is read as Markdown or as a mention.
"""

from typing import Any

from pipeline.notify.message import Message, Piece


def payload(message: Message) -> dict[str, Any]:
    """Return the JSON to post."""
    title = _block([{"type": "TextRun", "text": message.title, "weight": "Bolder", "size": "Medium"}])
    lines = [_block([_run(piece) for piece in line]) for line in message.pieces() if line]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [title, *lines],
        "msteams": {"width": "Full"},
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _block(runs: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": runs, "spacing": "Small"}


def _run(piece: Piece) -> dict[str, Any]:
    run: dict[str, Any] = {"type": "TextRun", "text": piece.text}
    return run | {"selectAction": {"type": "Action.OpenUrl", "url": piece.url}} if piece.url else run
