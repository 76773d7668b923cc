"""Why a message was not delivered."""


class Undelivered(Exception):  # noqa: N818 - named for what the message is
    """A sink did not take a message. The text has neither the address nor another secret.

    `wait`: how many seconds the sink asks to wait. `at_fault`: whether the sink refused this message, so that others
    may go through; otherwise it is the sink that does not work.
    """

    exit_code = 1

    def __init__(self, why: str, *, wait: float | None = None, at_fault: bool = False) -> None:
        super().__init__(why)
        self.wait, self.at_fault = wait, at_fault
