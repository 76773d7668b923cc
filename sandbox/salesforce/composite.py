"""`/composite` and `/composite/batch`: several calls in one, later ones referring to the answers of earlier ones."""

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from sandbox.salesforce.calls import Call, Reply, Router, reply
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.state import Sandbox

MOST: Final = 25
MOST_QUERIES: Final = 5
OK: Final = 300
_REFERENCE: Final = re.compile(r"@\{(\w+)\.([^}]+)\}")
_STEP: Final = re.compile(r"[^.\[\]]+")
_HEAVY: Final = re.compile(r".*/(query|queryAll|sobjects/?$|composite/sobjects).*")

Inner = Callable[[Sandbox, Call], Reply]


def answering(router: Router) -> tuple[Inner, Inner]:
    """Return the handlers of composite and of batch, which pass their parts on to the router."""

    def inner(sandbox: Sandbox, call: Call, method: str, url: str, body: Any, headers: dict[str, str]) -> Reply:
        """Answer one part of a call."""
        parts = urlsplit(url)
        path = parts.path if parts.path.startswith("/services") else f"/services/data/{parts.path.lstrip('/')}"
        lowered = {name.lower(): value for name, value in headers.items()}
        part = Call(method, path, parts.query, orjson.dumps(body), {**call.headers, **lowered}, call.base)
        part.user = call.user
        try:
            _, handler = router.find(part)
            return handler(sandbox, part)
        except SalesforceError as refusal:
            return reply(refusal.as_rest(), refusal.status)

    def composite(sandbox: Sandbox, call: Call) -> Reply:
        body = call.fields()
        requests = body.get("compositeRequest") or []
        _check(requests, "compositeRequest")
        bodies: dict[str, Any] = {}
        answers: list[dict[str, Any]] = []
        failed = False
        for each in requests:
            each = _resolved(each, bodies)
            if failed and body.get("allOrNone"):
                halted = SalesforceError(
                    "PROCESSING_HALTED", "The transaction was rolled back since another operation failed"
                )
                answer = reply(halted.as_rest(), 400)
            else:
                headers = each.get("httpHeaders") or {}
                answer = inner(sandbox, call, each["method"], each["url"], each.get("body"), headers)
            failed = failed or answer.status >= OK
            shown = orjson.loads(answer.content) if answer.content else None
            bodies[each["referenceId"]] = shown
            answers.append(
                {
                    "body": shown,
                    "httpHeaders": answer.headers,
                    "httpStatusCode": answer.status,
                    "referenceId": each["referenceId"],
                }
            )
        return reply({"compositeResponse": answers})

    def batch(sandbox: Sandbox, call: Call) -> Reply:
        body = call.fields()
        requests = body.get("batchRequests") or []
        _check(requests, "batchRequests")
        results: list[dict[str, Any]] = []
        errors = False
        for each in requests:
            if errors and body.get("haltOnError"):
                halted = SalesforceError("BATCH_PROCESSING_HALTED", "Batch processing halted by request")
                answer = reply(halted.as_rest(), 412)
            else:
                answer = inner(sandbox, call, each["method"], each["url"], each.get("richInput"), {})
            errors = errors or answer.status >= OK
            shown = orjson.loads(answer.content) if answer.content else None
            results.append({"statusCode": answer.status, "result": shown})
        return reply({"hasErrors": errors, "results": results})

    return composite, batch


def _check(requests: list[Any], name: str) -> None:
    if not requests:
        raise SalesforceError("INVALID_INPUT", f"{name} must have at least one request")
    if len(requests) > MOST:
        raise SalesforceError("INVALID_INPUT", f"The number of requests in {name} exceeds the limit of {MOST}")
    heavy = [each for each in requests if _HEAVY.match(str(each.get("url", "")))]
    if name == "compositeRequest" and len(heavy) > MOST_QUERIES:
        raise SalesforceError("INVALID_INPUT", f"No more than {MOST_QUERIES} queries and collections in one call")


def _resolved(request: dict[str, Any], bodies: dict[str, Any]) -> dict[str, Any]:
    """Put what earlier answers hold in the place of `@{reference.path}`."""

    def value(found: "re.Match[str]") -> str:
        inner = bodies.get(found[1])
        for step in _STEP.findall(found[2]):
            inner = inner[int(step)] if isinstance(inner, list) else (inner or {}).get(step)
        return str(inner)

    return {**request, **orjson.loads(_REFERENCE.sub(value, orjson.dumps(request).decode()))}
