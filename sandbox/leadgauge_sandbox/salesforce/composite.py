"""`/composite`, `/composite/batch` and `/composite/graph`: several calls in one, with references to results."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from leadgauge_sandbox.salesforce.calls import Call, Reply, Router, reply
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.state import Sandbox

MOST: Final = 25
MOST_QUERIES: Final = 5
MOST_NODES: Final = 500
OK: Final = 300
_REFERENCE: Final = re.compile(r"@\{(\w+)([^}]*)\}")
_STEP: Final = re.compile(r"[^.\[\]]+")
_HEAVY: Final = re.compile(r".*/(query|queryAll|sobjects/?$|composite/sobjects).*")
_ROLLED_BACK: Final = "The transaction was rolled back since another operation in the same transaction failed."


@dataclass(frozen=True, slots=True)
class Composites:
    """Handles composite calls by passing their parts to a router."""

    router: Router

    def composite(self, sandbox: Sandbox, call: Call) -> Reply:
        """Run parts in order; later ones may refer to earlier results."""
        body = call.fields()
        requests = _requests(body, "compositeRequest", ("method", "url", "referenceId"))
        _check_heavy(requests)
        answers = self._parts(sandbox, call, requests, all_or_none=bool(body.get("allOrNone")))
        return reply({"compositeResponse": answers})

    def graph(self, sandbox: Sandbox, call: Call) -> Reply:
        """Run graphs of parts; each graph succeeds or fails as a whole."""
        graphs = call.fields().get("graphs")
        if not isinstance(graphs, list) or not graphs:
            raise SalesforceError("INVALID_INPUT", "graphs must have at least one graph")
        answers = []
        for each in graphs:
            answers.append(self._graph(sandbox, call, each))
            sandbox.org.journal.commit()
        return reply({"graphs": answers})

    def _graph(self, sandbox: Sandbox, call: Call, graph: Any) -> dict[str, Any]:
        if not isinstance(graph, dict) or not graph.get("graphId"):
            raise SalesforceError("INVALID_INPUT", "Each graph needs a graphId")
        requests = _requests(graph, "compositeRequest", ("method", "url", "referenceId"), MOST_NODES)
        answers = self._parts(sandbox, call, requests, all_or_none=True)
        good = all(each["httpStatusCode"] < OK for each in answers)
        return {
            "graphId": graph["graphId"],
            "graphResponse": {"compositeResponse": answers},
            "isSuccessful": good,
        }

    def batch(self, sandbox: Sandbox, call: Call) -> Reply:
        """Run independent parts."""
        body = call.fields()
        results: list[dict[str, Any]] = []
        for each in _requests(body, "batchRequests", ("method", "url")):
            errors = any(result["statusCode"] >= OK for result in results)
            if errors and body.get("haltOnError"):
                answer = _halted("BATCH_PROCESSING_HALTED", "Batch processing halted by request", 412)
            else:
                answer = self._inner(sandbox, call, each, each.get("richInput"))
            sandbox.org.journal.commit()
            results.append({"statusCode": answer.status, "result": _shown(answer)})
        return reply({"hasErrors": any(each["statusCode"] >= OK for each in results), "results": results})

    def _parts(
        self, sandbox: Sandbox, call: Call, requests: Sequence[dict[str, Any]], *, all_or_none: bool
    ) -> list[dict[str, Any]]:
        take_back = sandbox.org.mark()
        bodies: dict[str, Any] = {}
        answers = []
        for each in requests:
            answers.append(_answered(each, self._part(sandbox, call, each, bodies), bodies))
            if not all_or_none:
                sandbox.org.journal.commit()
        if not all_or_none or all(each["httpStatusCode"] < OK for each in answers):
            return answers
        take_back()
        halted = _halted("PROCESSING_HALTED", _ROLLED_BACK, 400)
        return [each if each["httpStatusCode"] >= OK else _answered(each, halted, bodies) for each in answers]

    def _part(self, sandbox: Sandbox, call: Call, request: dict[str, Any], bodies: dict[str, Any]) -> Reply:
        try:
            part = _resolved(request, bodies)
        except LookupError as missing:
            return _halted("PROCESSING_HALTED", str(missing.args[0]), 400)
        return self._inner(sandbox, call, part, part.get("body"))

    def _inner(self, sandbox: Sandbox, call: Call, request: dict[str, Any], body: Any) -> Reply:
        """Run one part of a call."""
        parts = urlsplit(str(request["url"]))
        path = parts.path if parts.path.startswith("/services") else f"/services/data/{parts.path.lstrip('/')}"
        headers = {str(name).lower(): str(value) for name, value in (request.get("httpHeaders") or {}).items()}
        headers = {**call.headers, "content-type": "application/json", **headers}
        part = Call(str(request["method"]).upper(), path, parts.query, orjson.dumps(body), headers, call.base)
        part.user = call.user
        try:
            _, handler = self.router.find(part)
            return handler(sandbox, part)
        except SalesforceError as refusal:
            return reply(refusal.as_rest(), refusal.status)


def _answered(request: dict[str, Any], answer: Reply, bodies: dict[str, Any]) -> dict[str, Any]:
    reference = request["referenceId"]
    bodies[reference] = shown = _shown(answer)
    return {
        "body": shown,
        "httpHeaders": answer.headers,
        "httpStatusCode": answer.status,
        "referenceId": reference,
    }


def _halted(code: str, message: str, status: int) -> Reply:
    return reply(SalesforceError(code, message).as_rest(), status)


def _shown(answer: Reply) -> Any:
    return orjson.loads(answer.content) if answer.content else None


def _requests(body: dict[str, Any], name: str, needed: Sequence[str], most: int = MOST) -> list[dict[str, Any]]:
    """Return the parts of a call, or refuse invalid ones."""
    requests = body.get(name)
    if not isinstance(requests, list) or not requests:
        raise SalesforceError("INVALID_INPUT", f"{name} must have at least one request")
    if len(requests) > most:
        raise SalesforceError("INVALID_INPUT", f"The number of requests in {name} exceeds the limit of {most}")
    for each in requests:
        missing = [key for key in needed if not isinstance(each, dict) or not isinstance(each.get(key), str)]
        if missing:
            raise SalesforceError("JSON_PARSER_ERROR", f"{name}: missing a required field: {missing[0]}")
    references = [each["referenceId"] for each in requests] if "referenceId" in needed else []
    if len(set(references)) < len(references):
        raise SalesforceError("INVALID_INPUT", "Each referenceId must be given once only")
    return requests


def _check_heavy(requests: Sequence[dict[str, Any]]) -> None:
    if sum(1 for each in requests if _HEAVY.match(each["url"])) > MOST_QUERIES:
        raise SalesforceError("INVALID_INPUT", f"No more than {MOST_QUERIES} queries and collections in one call")


def _resolved(request: dict[str, Any], bodies: dict[str, Any]) -> dict[str, Any]:
    """Replace `@{reference.path}` with values from earlier results."""

    def value(found: "re.Match[str]") -> str:
        inner = bodies.get(found[1])
        for step in _STEP.findall(found[2]):
            inner = _step(inner, step)
        if inner is None or isinstance(inner, dict | list):
            message = f"Invalid reference specified. No value for {found[1]}{found[2]} found in {found[1]}."
            raise LookupError(message)
        return orjson.dumps(str(inner)).decode()[1:-1]

    return {**request, **orjson.loads(_REFERENCE.sub(value, orjson.dumps(request).decode()))}


def _step(inner: Any, step: str) -> Any:
    if isinstance(inner, list) and step.isdigit() and int(step) < len(inner):
        return inner[int(step)]
    return inner.get(step) if isinstance(inner, dict) else None
