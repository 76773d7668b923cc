"""Parses SOQL into the classes of `soql.tree`."""

import re
from datetime import UTC, date, datetime
from pathlib import Path as FilePath
from typing import Any, Final

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken, v_args
from lark.exceptions import VisitError

from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.soql.mistakes import malformed
from leadgauge_sandbox.salesforce.soql.tree import (
    And,
    Children,
    Comparison,
    Condition,
    Day,
    Function,
    Membership,
    Moment,
    Not,
    Number,
    Operand,
    Or,
    Ordering,
    Path,
    Select,
    Selected,
    Text,
    TypeOf,
    Value,
    Word,
)

MAX_LENGTH: Final = 100_000
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}
_WILDCARDS: Final = "%_"
"""Wildcards of LIKE, which may be escaped too."""
_GRAMMAR: Final = (FilePath(__file__).parent / "grammar.lark").read_text(encoding="utf-8")


def parse(text: str) -> Select:
    """Parse a query; raises Salesforce's error if it is invalid."""
    if len(text) > MAX_LENGTH:
        raise SalesforceError(
            "QUERY_TOO_COMPLICATED", f"SOQL statements cannot be longer than {MAX_LENGTH} characters."
        )
    try:
        tree = _PARSER.parse(text)
    except UnexpectedToken as mistake:
        shown = "<EOF>" if mistake.token.type == "$END" else str(mistake.token)
        at = len(text) if mistake.token.type == "$END" else mistake.token.start_pos or 0
        raise malformed(text, at, f"unexpected token: '{shown}'") from None
    except UnexpectedCharacters as mistake:
        at = mistake.pos_in_stream or 0  # type: ignore[redundant-expr] # lark declares None, and sets it
        message = f"line {mistake.line}:{mistake.column} no viable alternative at character '{text[at]}'"
        raise malformed(text, at, message) from None
    try:
        return _Builder(text).transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, SalesforceError):
            raise error.orig_exc from None
        raise


def quote(value: str) -> str:
    """Return a string as a SOQL literal."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def unescaped(written: str) -> str:
    """Return a string literal with its escapes resolved."""
    return _ESCAPE.sub(lambda found: _meant(found[1]), written)


def _meant(escape: str) -> str:
    return chr(int(escape[1:], 16)) if len(escape) > 1 else _ESCAPES.get(escape.lower(), escape)


@v_args(inline=True)
class _Builder(Transformer[Token, Select]):
    """Transforms the parse tree: one method per grammar rule; missing parts are None."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def start(self, query: Select) -> Select:
        return query

    def query(  # noqa: PLR0913, PLR0917 - one argument a clause
        self,
        items: tuple[Any, ...],
        source: tuple[Path, str | None],
        _using: None,
        where: Condition | None,
        _with: None,
        group: tuple[Operand, ...] | None,
        having: Condition | None,
        order: tuple[Ordering, ...] | None,
        limit: int | None,
        offset: int | None,
        all_rows: bool | None,  # noqa: FBT001 - a clause that is there or not
        _for: None,
    ) -> Select:
        path, alias = source
        return Select(
            self._text, items, path, alias, where, group or (), having, order or (), limit, offset, all_rows is True
        )

    def items(self, *items: Any) -> tuple[Any, ...]:
        return items

    def selected(self, operand: Operand, alias: Token | None) -> Selected:
        return Selected(operand, None if alias is None else str(alias))

    def children(self, query: Select) -> Children:
        return Children(query)

    def typeof(self, path: Path, *branches: tuple[str | None, tuple[Path, ...]]) -> TypeOf:
        when = tuple((name, fields) for name, fields in branches if name is not None)
        return TypeOf(path, when, next((fields for name, fields in branches if name is None), ()))

    def when(self, name: Token, *fields: Path) -> tuple[str, tuple[Path, ...]]:
        return str(name), fields

    def otherwise(self, *fields: Path) -> tuple[None, tuple[Path, ...]]:
        return None, fields

    def source(self, path: Path, alias: Token | None) -> tuple[Path, str | None]:
        return path, None if alias is None else str(alias)

    def using(self, *_scope: Token) -> None:
        """Ignore USING SCOPE: the sandbox's user sees every record."""

    def with_clause(self, *_mode: Token) -> None:
        """Ignore WITH SECURITY_ENFORCED and USER_MODE: field permissions always apply here."""

    def for_clause(self, *_use: Token) -> None:
        """Ignore FOR VIEW and similar clauses, which update recently viewed records."""

    def where(self, condition: Condition) -> Condition:
        return condition

    def having(self, condition: Condition) -> Condition:
        return condition

    def all_of(self, *conditions: Condition) -> And:
        return And(conditions)

    def any_of(self, *conditions: Condition) -> Or:
        return Or(conditions)

    def negation(self, condition: Condition) -> Not:
        return Not(condition)

    def comparison(self, operand: Operand, operator: Token, value: Value) -> Comparison:
        return Comparison(operand, "!=" if operator == "<>" else str(operator), value)

    def likeness(self, operand: Operand, value: Value) -> Comparison:
        return Comparison(operand, "like", value)

    def membership(self, operand: Operand, operator: Any, values: tuple[Value, ...] | Children) -> Membership:
        return Membership(operand, operator, values.query if isinstance(values, Children) else values)

    def membership_operator(self, word: Token | str) -> str:
        return str(word).lower()

    def not_in(self, _word: Token) -> str:
        return "not in"

    def values(self, *values: Value) -> tuple[Value, ...]:
        return values

    def path(self, *parts: Token) -> Path:
        return Path(tuple(str(part) for part in parts), parts[0].start_pos or 0)

    def function(self, name: Token, argument: Operand | None = None) -> Function:
        return Function(str(name).upper(), argument, name.start_pos or 0)

    def text(self, token: Token) -> Text:
        written, at = str(token[1:-1]), token.start_pos or 0
        for found in _ESCAPE.finditer(written):
            if len(found[1]) == 1 and found[1].lower() not in _ESCAPES and found[1] not in _WILDCARDS:
                wrong = f"Illegal character sequence '{found[0]}' in string literal."
                raise malformed(self._text, at, f"Invalid string literal '{written}'. {wrong}")
        return Text(written, at)

    def number(self, token: Token) -> Number:
        return Number(str(token), token.start_pos or 0)

    def moment(self, token: Token) -> Moment:
        try:
            value = datetime.fromisoformat(token.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise malformed(self._text, token.start_pos or 0, f"Invalid datetime: {token}") from None
        return Moment(value, token.start_pos or 0)

    def day(self, token: Token) -> Day:
        try:
            return Day(date.fromisoformat(token), token.start_pos or 0)
        except ValueError:
            raise malformed(self._text, token.start_pos or 0, f"Invalid date: {token}") from None

    def word(self, name: Token, count: Token | None = None) -> Word:
        return Word(str(name).upper(), None if count is None else int(count), name.start_pos or 0)

    def group(self, *operands: Operand) -> tuple[Operand, ...]:
        return operands

    def order(self, *orderings: Ordering) -> tuple[Ordering, ...]:
        return orderings

    def ordering(self, operand: Operand, direction: Token | None, nulls: Token | None) -> Ordering:
        return Ordering(operand, str(direction).lower() == "desc", str(nulls).lower() == "last")

    def limit(self, number: Token) -> int:
        return self._whole(number)

    def offset(self, number: Token) -> int:
        return self._whole(number)

    def all_rows(self) -> bool:
        return True

    def _whole(self, number: Token) -> int:
        if not number.isdigit():
            raise malformed(self._text, number.start_pos or 0, f"unexpected token: '{number}'")
        return int(number)


_PARSER: Final = Lark(_GRAMMAR, parser="lalr", maybe_placeholders=True)
