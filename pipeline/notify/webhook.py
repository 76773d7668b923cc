"""Any other program that takes JSON."""

from typing import Any

from pipeline.notify.message import Message


def payload(message: Message) -> dict[str, Any]:
    """Return the JSON to post: the facts, the words, an `id`, and the `keys` of what it is about.

    A key comes again only if a message is sent again after a lost answer.
    """
    facts = {name: value for name, value in message.facts.items() if name != "shown"}
    return {
        "id": message.id,
        "keys": message.keys,
        "about": message.about,
        "title": message.title,
        "text": message.text,
        **facts,
    }
