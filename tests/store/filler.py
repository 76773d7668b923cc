"""Saves pages 0, 1, 2 … of an invented CRM, resuming at the cursor; killed by a crash test.

Run as `python -m tests.store.filler URL`; prints a line when it starts saving.
"""

import sys
from datetime import timedelta

from store import Lease, Mirror, Store
from tests.store.pages import activities, leads, page
from vocabulary.pages import Page

PAGES = 60
LEADS = 10
VISITS = 5


def page_of(number: int) -> Page:
    """The page with that number: ten leads, five visits each."""
    people = [f"{number}-{index}" for index in range(LEADS)]
    visits = [
        {"lead": lead, "id": f"page:{index}", "url": f"https://x.example/{index}"}
        for lead in people
        for index in range(VISITS)
    ]
    return page(
        cursor={"next": number + 1},
        leads=leads(*({"lead": lead, "job_title": "CTO"} for lead in people)),
        activities=activities(*visits),
    )


def next_page(mirror: Mirror) -> int:
    """The number of the page to save next."""
    cursor = mirror.cursor("contacts")
    return cursor["next"] if cursor else 0


def fill(store: Store, lease: Lease) -> None:
    """Save all missing pages."""
    mirror = store.mirror("main")
    for number in range(next_page(mirror), PAGES):
        mirror.save(page_of(number), lease)


def main(url: str) -> None:
    with Store.open(url) as store:
        lease = store.lease("main", holder="filler", ttl=timedelta(minutes=1), purpose="backfill")
        sys.stdout.write("filling\n")
        sys.stdout.flush()
        fill(store, lease)


if __name__ == "__main__":
    main(sys.argv[1])
