"""From a request to a page: which connection and scorecard it is about, and what its template is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from config.pages import Role
from pages.access.person import Person
from pages.columns import Columns
from pages.rendering import TEMPLATES
from pages.site import Site
from pipeline.job import ActiveScorecard, Job
from store import Held
from vocabulary.outputs import Of

FORBIDDEN: Final = 403
BAD: Final = 400
MISSING: Final = 404


@dataclass(frozen=True, slots=True)
class View:
    """A request for a page about one connection and one of its scorecards."""

    request: Request
    job: Job
    box: ActiveScorecard

    @property
    def site(self) -> Site:
        """What all pages share."""
        return site_of(self.request)

    @property
    def person(self) -> Person:
        """Who asks."""
        return person_of(self.request)

    def require(self, role: Role) -> None:
        """Answer 403 unless the person may do what this role may."""
        if not self.person.may(role):
            raise HTTPException(FORBIDDEN, f"This needs the role {role}; {self.person.name} is {self.person.role}.")

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters in the address."""
        return self.request.query_params

    @property
    def of(self) -> Of:
        """Whether the page is about leads or accounts."""
        return self.box.of

    @property
    def columns(self) -> Columns:
        """The results of all leads, or accounts."""
        return self.site.columns(self.job, self.box)

    @property
    def held(self) -> Held | None:
        """Why nothing of this scorecard is written, if something holds it."""
        return self.box.outbox.held()

    def url(self, page: str, **query: Any) -> str:
        """Return the address of a page of this connection, such as `leads`, about the same scorecard."""
        chosen = {} if self.box is self.job.boxes[0] else {"scorecard": self.box.prefix, "of": self.box.of}
        given = chosen | {name: value for name, value in query.items() if value is not None and value != ""}
        return f"/crm/{self.job.name}/{page}" + (f"?{urlencode(given, doseq=True)}" if given else "")

    def render(self, template: str, code: int = 200, **context: Any) -> Response:
        """Return the page."""
        page = template.partition("/")[0].removesuffix(".html")
        return render(self.request, template, code, view=self, page=page, **context)


Handler = Callable[[View], Response]


def about_a_scorecard(handler: Handler) -> Callable[[Request], Response]:
    """Return an endpoint that finds the connection in the path (else 404) and the scorecard in the query (else 400)."""

    @wraps(handler)
    def endpoint(request: Request) -> Response:
        job = job_of(request)
        return handler(View(request, job, _box(job, request.query_params)))

    return endpoint


def job_of(request: Request) -> Job:
    """Return the job of the connection in the path."""
    site, name = site_of(request), request.path_params["connection"]
    try:
        return site.job(name)
    except KeyError:
        raise HTTPException(MISSING, f"The settings have no connection {name!r}.") from None


def _box(job: Job, query: Mapping[str, str]) -> ActiveScorecard:
    wanted = query.get("scorecard"), query.get("of")
    for box in job.boxes:
        if wanted[0] in {None, box.prefix} and wanted[1] in {None, box.of}:
            return box
    raise HTTPException(BAD, _which(job, *wanted))


def _which(job: Job, prefix: str | None, of: str | None) -> str:
    """Say which scorecards there are, where an address asks for another one."""
    given = {"scorecard": prefix, "of": of}
    asked = " and ".join(f"{name}={value!r}" for name, value in given.items() if value is not None)
    there = ", ".join(f"`scorecard={box.prefix}&of={box.of}` ({box.name})" for box in job.boxes)
    return f"{job.name} has no scorecard for {asked}. There are: {there}."


def render(request: Request, template: str, code: int = 200, **context: Any) -> Response:
    """Return a page made from a template.

    Each form in it that is posted needs `{{ csrf }}`; what htmx posts has the token by itself.
    """
    token = request.scope.get("csrftoken", str)()  # the page of an error in what stands before pages has none
    common = {
        "request": request,
        "site": site_of(request),
        "person": getattr(request.state, "person", None),
        "view": None,
        "page": "",
        "csrf_token": token,
        "csrf": Markup('<input type="hidden" name="csrftoken" value="{}">').format(token),
    }
    return HTMLResponse(TEMPLATES.get_template(template).render(common | context), code)


def site_of(request: Request) -> Site:
    """Return what all pages share."""
    site = request.app.state.site
    assert isinstance(site, Site)
    return site


def person_of(request: Request) -> Person:
    """Return who asks."""
    person = request.state.person
    assert isinstance(person, Person)
    return person
