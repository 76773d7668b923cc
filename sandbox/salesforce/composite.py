"""`/composite` and `/composite/batch`: several calls in one, later ones referring to the answers of earlier ones."""

import re
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Composites:
    """Answers composite calls by passing their parts on to the addresses of a router."""

    router: Router

    def composite(self, sandbox: Sandbox, call: Call) -> Reply:
        """Answer parts in their order; later ones may name what earlier ones brought."""
        body = call.fields()
        requests = body.get("compositeRequest") or []
        _check(requests, "compositeRequest")
        bodies: dict[str, Any] = {}
        answers: list[dict[str, Any]] = []
        for request in requests:
            part = _resolved(request, bodies)
            failed = any(each["httpStatusCode"] >= OK for each in answers)
            if failed and body.get("allOrNone"):
                answer = _halted(
                    "PROCESSING_HALTED", "The transaction was rolled back since another operation failed", 400
                )
            else:
                answer = self._inner(
                    sandbox, call, part["method"], part["url"], part.get("body"), part.get("httpHeaders")
                )
            bodies[part["referenceId"]] = shown = _shown(answer)
            answers.append(
                {
                    "body": shown,
                    "httpHeaders": answer.headers,
                    "httpStatusCode": answer.status,
                    "referenceId": part["referenceId"],
                }
            )
        return reply({"compositeResponse": answers})

    def batch(self, sandbox: Sandbox, call: Call) -> Reply:
        """Answer parts that know nothing of each other."""
        body = call.fields()
        requests = body.get("batchRequests") or []
        _check(requests, "batchRequests")
        results: list[dict[str, Any]] = []
        for each in requests:
            errors = any(result["statusCode"] >= OK for result in results)
            if errors and body.get("haltOnError"):
                answer = _halted("BATCH_PROCESSING_HALTED", "Batch processing halted by request", 412)
            else:
                answer = self._inner(sandbox, call, each["method"], each["url"], each.get("richInput"), None)
            results.append({"statusCode": answer.status, "result": _shown(answer)})
        return reply({"hasErrors": any(each["statusCode"] >= OK for each in results), "results": results})

    def _inner(
        self, sandbox: Sandbox, call: Call, method: str, url: str, body: Any, headers: dict[str, str] | None
    ) -> Reply:
        """Answer one part of a call."""
        parts = urlsplit(url)
        path = parts.path if parts.path.startswith("/services") else f"/services/data/{parts.path.lstrip('/')}"
        lowered = {name.lower(): value for name, value in (headers or {}).items()}
        part = Call(method, path, parts.query, orjson.dumps(body), {**call.headers, **lowered}, call.base)
        part.user = call.user
        try:
            _, handler = self.router.find(part)
            return handler(sandbox, part)
        except SalesforceError as refusal:
            return reply(refusal.as_rest(), refusal.status)


def _halted(code: str, message: str, status: int) -> Reply:
    return reply(SalesforceError(code, message).as_rest(), status)


def _shown(answer: Reply) -> Any:
    return orjson.loads(answer.content) if answer.content else None


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
