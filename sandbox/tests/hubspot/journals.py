"""A client of the journal for the tests, and the shapes that HubSpot's description of the API gives its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from sandbox.tests.hubspot.conftest import Sandbox

PORTAL = 20_858_235
SCOPES = (
    "developer.webhooks_journal.read",
    "developer.webhooks_journal.subscriptions.read",
    "developer.webhooks_journal.subscriptions.write",
    "developer.webhooks_journal.snapshots.read",
    "developer.webhooks_journal.snapshots.write",
)
ALL = ["CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE"]
ROOT = "/webhooks-journal"
# HubSpot-public-api-spec-collection, "Webhooks Journal", 2026-03 (2026-08-21): what is required, and of which type
POINTER: dict[str, Any] = {
    "type": "object",
    "required": ["currentOffset", "expiresAt", "url"],
    "additionalProperties": False,
    "properties": {
        "currentOffset": {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
        "expiresAt": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
        "url": {"type": "string", "pattern": "^https?://"},
    },
}
BATCH: dict[str, Any] = {
    "type": "object",
    "required": ["completedAt", "results", "startedAt", "status"],
    "properties": {"results": {"type": "array", "items": POINTER}, "status": {"const": "COMPLETE"}},
}
ACTIONS = [*ALL, "ASSOCIATION_ADDED", "ASSOCIATION_REMOVED", "SNAPSHOT", "APP_INSTALL", "APP_UNINSTALL", "GDPR_DELETE"]
SUBSCRIPTION: dict[str, Any] = {
    "type": "object",
    "required": ["actions", "appId", "createdAt", "id", "objectTypeId", "subscriptionType", "updatedAt"],
    "properties": {
        "actions": {"type": "array", "items": {"enum": ACTIONS}},
        "appId": {"type": "integer"},
        "id": {"type": "integer"},
        "objectTypeId": {"type": "string"},
        "subscriptionType": {"enum": ["OBJECT", "ASSOCIATION", "APP_LIFECYCLE_EVENT", "GDPR_PRIVACY_DELETION"]},
        "portalId": {"type": ["integer", "null"]},
        "properties": {"type": ["array", "null"], "items": {"type": "string"}},
        "objectIds": {"type": ["array", "null"], "items": {"type": "integer"}},
    },
}
SNAPSHOT_STATUS: dict[str, Any] = {
    "type": "object",
    "required": ["id", "initiatedAt", "status"],
    "properties": {
        "initiatedAt": {"type": "integer"},
        "completedAt": {"type": "integer"},
        "status": {"enum": ["EXPIRED", "FAILED", "IN_PROGRESS", "PENDING", "SUCCESS"]},
        "errorCode": {"enum": ["INTERNAL_ERROR", "PERMISSION_DENIED", "TIMEOUT", "VALIDATION_ERROR"]},
    },
}


def token(sandbox: Sandbox, *scopes: str, path: str = "/oauth/2026-09/token") -> requests.Response:
    """Ask for a token of the app itself."""
    client = sandbox.portal.tokens.client
    form = {"grant_type": "client_credentials", "client_id": client.client_id, "client_secret": client.secret}
    return requests.post(sandbox.url + path, data={**form, "scope": " ".join(scopes or SCOPES)}, timeout=20)


class App:
    """An app that reads the journal of an account."""

    def __init__(self, sandbox: Sandbox, *scopes: str) -> None:
        self.sandbox = sandbox
        self.headers = {"Authorization": f"Bearer {token(sandbox, *scopes).json()['access_token']}"}

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        return requests.request(method, self.sandbox.url + ROOT + path, headers=self.headers, timeout=20, **more)

    def subscribe(self, kind: str = "0-1", actions: list[str] | None = None, **more: Any) -> dict[str, Any]:
        """Subscribe to a type of records, by default to all that can happen to contacts."""
        wish = {"subscriptionType": "OBJECT", "objectTypeId": kind, "portalId": PORTAL, "actions": actions or ALL}
        answer = self.call("POST", "/subscriptions/2026-03", json={**wish, **more})
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def pointer(self, path: str = "earliest") -> requests.Response:
        return self.call("GET", f"/journal-local/2026-03/{path}")

    def after(self, offset: str) -> requests.Response:
        return self.pointer(f"offset/{offset}/next")

    def file(self, pointer: dict[str, Any]) -> dict[str, Any]:
        answer = requests.get(pointer["url"], timeout=20)
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def events(self) -> list[dict[str, Any]]:
        """Return the events of all files, in the order of the journal."""
        found: list[dict[str, Any]] = []
        answer = self.pointer()
        while answer.status_code == 200:
            found += self.file(answer.json())["journalEvents"]
            answer = self.after(answer.json()["currentOffset"])
        assert answer.status_code == 204, answer.text
        return found

    def actions(self) -> list[tuple[str, int]]:
        """Return what happened to which record."""
        return [(event["action"], event["objectId"]) for event in self.events()]
