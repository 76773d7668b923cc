"""A browser that fills in the forms of pages."""

import html
import re
from dataclasses import dataclass, field

import pytest
import requests

from config.pages import Pages
from tests.pages.conftest import Served

INPUT = re.compile(r'<input (?:type="hidden" )?name="([^"]+)" value="([^"]*)"')
AREA = re.compile(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', re.DOTALL)
SELECT = re.compile(r'<select name="([^"]+)">(.*?)</select>', re.DOTALL)


@dataclass
class Browser:
    """A browser with cookies, on one page."""

    served: Served
    session: requests.Session = field(default_factory=requests.Session)

    def open(self, path: str) -> requests.Response:
        return self.session.get(self.served.url + path, timeout=60)

    def post(self, path: str, form: dict[str, str]) -> requests.Response:
        return self.session.post(self.served.url + path, data=form, timeout=60)


def form_in(page: str) -> dict[str, str]:
    """Return what the fields of a page hold."""
    found = dict(INPUT.findall(page))
    found |= dict(AREA.findall(page))
    for name, options in SELECT.findall(page):
        chosen = re.search(r"<option selected>([^<]*)<", options)
        found[name] = chosen[1] if chosen else ""
    return {html.unescape(name): html.unescape(value) for name, value in found.items()}


def at(*path: str | int) -> str:
    """Return the name of the field of a value."""
    told = ",".join(f'"{step}"' if isinstance(step, str) else str(step) for step in path)
    return f"at:[{told}]"


ROLES = {"vera": "viewer", "edda": "editor", "emil": "editor", "amin": "approver"}


def people(patch: pytest.MonkeyPatch) -> Pages:
    """Return settings by which Vera may look, Edda and Emil edit, and Amin approve."""
    for name in ROLES:
        patch.setenv(name.upper(), f"{name}-has-a-token-of-many-signs")
    told = {name: {"token": {"env": name.upper()}, "role": role} for name, role in ROLES.items()}
    return Pages.model_validate({"port": 0, "sign_in": {"type": "token", "people": told}})


def token_of(name: str) -> dict[str, str]:
    """Return the header by which a program asks as somebody."""
    return {"Authorization": f"Bearer {name}-has-a-token-of-many-signs"}
