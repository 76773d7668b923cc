"""The errors of the Pub/Sub API: gRPC status, Salesforce's code in the trailers, and the text.

https://developer.salesforce.com/docs/platform/pub-sub-api/guide/handling-errors.html (2026-11) lists the codes. The
status of `topic.not.found`, of the errors of sign-in and of a blank schema id is that of messages in
https://github.com/pozil/pub-sub-api-java-client/issues/2, /issues/3 and
https://github.com/pozil/pub-sub-api-node-client/issues/34; that of the others is assumed.
"""

from typing import Final

from grpc import StatusCode

_CODES: Final = "sfdc.platform.eventbus.grpc."


class Refused(Exception):  # noqa: N818 - as the other refusals
    """An RPC ends with an error."""

    def __init__(self, status: StatusCode, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message
        self.code = f"{_CODES}{code}" if code else ""


def bad_headers(name: str) -> Refused:
    """Return the error of a metadata header that is missing or blank."""
    message = f"The value of the authentication header {name} is invalid or blank."
    return Refused(StatusCode.UNAUTHENTICATED, "service.auth.headers.invalid", message)


def unauthenticated() -> Refused:
    """Return the error of a token that opens no session, or of another org."""
    message = "An authentication exception occurred. Provide valid authentication via metadata headers."
    return Refused(StatusCode.UNAUTHENTICATED, "service.auth.error", message)


def no_topic_name() -> Refused:
    """Return the error of a blank topic."""
    return Refused(StatusCode.INVALID_ARGUMENT, "topic.validation.empty", "The topic name can't be blank.")


def no_topic(organization: str, name: str) -> Refused:
    """Return the error of a topic that is not there: its object may not be selected."""
    message = (
        f"The topic information for org CORE/prod/{organization} and topic {name} not found. "
        "Ensure the topic name is correct and that the topic exists."
    )
    return Refused(StatusCode.NOT_FOUND, "topic.not.found", message)


def other_topic() -> Refused:
    """Return the error of a later request for another topic."""
    message = "The topic name must be the same in all requests of a stream."
    return Refused(StatusCode.INVALID_ARGUMENT, "subscription.fetch.topic.mismatch", message)


def no_right(name: str) -> Refused:
    """Return the error of a user who may not see all records of the object."""
    message = f"You don't have permission to subscribe to the topic {name}."
    return Refused(StatusCode.PERMISSION_DENIED, "subscription.topic.cannot.subscribe", message)


def no_schema() -> Refused:
    """Return the error of a schema id that is blank or unknown."""
    message = "Schema validation failed. The schema ID can't be blank."
    return Refused(StatusCode.INVALID_ARGUMENT, "schema.validation.failed", message)


def nothing_requested() -> Refused:
    """Return the error of a request for no events."""
    message = "The number of requested events must be greater than 0."
    return Refused(StatusCode.INVALID_ARGUMENT, "subscription.fetch.requested.events.invalid", message)


def no_replay_id() -> Refused:
    """Return the error of a start after a replay id that is not given."""
    message = "Specify a Replay ID when the replay preset is CUSTOM."
    return Refused(StatusCode.INVALID_ARGUMENT, "subscription.fetch.replayid.validation.failed", message)


def corrupted_replay_id() -> Refused:
    """Return the error of a replay id that was never issued or has expired."""
    message = (
        "The Replay ID validation failed. Ensure that the Replay ID is valid and that it refers to an event within "
        "the retention window."
    )
    return Refused(StatusCode.INVALID_ARGUMENT, "subscription.fetch.replayid.corrupted", message)


def used_up() -> Refused:
    """Return the error of an org that has used up its deliveries of 24 hours."""
    message = "You have exceeded the event delivery limit for your org."
    return Refused(StatusCode.RESOURCE_EXHAUSTED, "subscription.limit.exceeded", message)


def internal() -> Refused:
    """Return the error of a failure in Salesforce."""
    message = "An internal error occurred in the subscription. Restart the subscription."
    return Refused(StatusCode.INTERNAL, "subscription.internal.error", message)


def broken() -> Refused:
    """Return the error of a stream that breaks on its way: it has no code of Salesforce."""
    return Refused(StatusCode.UNAVAILABLE, "", "RST_STREAM closed stream.")


def unimplemented(name: str) -> Refused:
    """Return the error of a method that this sandbox does not have."""
    return Refused(StatusCode.UNIMPLEMENTED, "", f"The sandbox does not serve {name}.")
