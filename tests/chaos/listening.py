"""People who act while a daemon listens, and what was seen of what it hears."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.context import ForkServerProcess
from typing import Any

import requests
from sqlalchemy.exc import DBAPIError

from tests.chaos.kept import due, students
from tests.chaos.schedule import Act
from tests.stage import Stage

ASKED = "demo_request"


@dataclass
class Crowd:
    """People in a CRM, and who watches what is due in the database."""

    stage: Stage
    database: str
    touched: set[str]
    """Leads that were erased, deleted or merged."""
    told: dict[str, str | None] = field(default_factory=dict)
    """Leads that were seen due after their last edit, with what they are since."""
    edited: dict[str, str] = field(default_factory=dict)

    def act(self, acts: Sequence[Act], process: ForkServerProcess) -> None:
        """Act while a process listens."""
        for one in acts:
            self._act(one)
            self.look()
            process.join(one.pause)

    def look(self) -> None:
        """Note which leads that were edited are due. A database that is away is looked at later."""
        try:
            waiting = due(self.database, beside=True)
        except DBAPIError:
            return
        self.told |= {lead: self.edited[lead] for lead in waiting & self.edited.keys()}

    @property
    def is_heard(self) -> bool:
        """Whether all edits so far were seen to be due."""
        return self.told.keys() >= self.edited.keys()

    def found(self) -> dict[str, Any]:
        """Return what the invariants need (`Passed`)."""
        return {"told": dict(self.told), "due": due(self.database), "read": students(self.database)}

    def _act(self, act: Act) -> None:
        people = self.stage.people()
        if len(people) < 2:
            return
        place = int(act.place * len(people))
        one, other = people[place], people[place - 1]
        match act.what:
            case "edit":
                self._edit(one)
            case "ask":
                self.stage.act(one, ASKED)
            case "merge" if not self.stage.can_merge(one, other):
                return
            case "merge":
                self.touched |= {one, other}
                self._in_crm(lambda: self.touched.add(self.stage.merge(one, other)))
            case _:
                self.touched.add(one)
                self._in_crm(partial(getattr(self.stage, act.what), one))

    def _edit(self, lead: str) -> None:
        student = self.stage.students()[lead] != "true"
        self.told.pop(lead, None)
        self.edited.pop(lead, None)
        self.stage.edit(lead, student=student)
        self.edited[lead] = "true" if student else "false"

    def _in_crm(self, act: Callable[[], object]) -> None:
        """Act between two calls to the CRM, which may be in the middle of a change."""
        self.stage.trap.add(1, act, "/_sandbox/clock")
        requests.get(f"{self.stage.url}/_sandbox/clock", timeout=10).raise_for_status()
