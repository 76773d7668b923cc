"""The description of the Lightning web component: on which pages it may stand, and which scorecards it offers."""

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import quoteattr

from crm.boards import Board
from crm.component import MADE
from crm.for_salesforce.metadata import API, MAIN, NAMESPACE
from vocabulary.outputs import OFS

_PATH: Final = f"{MAIN}/lwc/leadgaugeCard/leadgaugeCard.js-meta.xml"
_OBJECTS: Final = {"leads": ("Lead", "Contact"), "accounts": ("Account",)}


def files(boards: Sequence[Board]) -> Iterator[tuple[str, str]]:
    """Yield the path and text of the description.

    An attribute `scorecard` is there where the administrator has a choice:
    https://developer.salesforce.com/docs/platform/lwc/guide/reference-configuration-tags.html (2026-11).
    """
    shown = [name for of in OFS if any(board.of(of) for board in boards) for name in _OBJECTS[of]]
    objects = "".join(f"                <object>{name}</object>\n" for name in shown)
    yield (
        _PATH,
        f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- {MADE} -->
<LightningComponentBundle xmlns="{NAMESPACE}">
    <apiVersion>{API}</apiVersion>
    <description>What to do about the record, why, and until when, as leadgauge scored it.</description>
    <isExposed>true</isExposed>
    <masterLabel>Lead scoring</masterLabel>
    <targets>
        <target>lightning__RecordPage</target>
    </targets>
    <targetConfigs>
        <targetConfig targets="lightning__RecordPage">
{_scorecards(boards)}            <objects>
{objects}            </objects>
        </targetConfig>
    </targetConfigs>
</LightningComponentBundle>
""",
    )


def _scorecards(boards: Sequence[Board]) -> str:
    if len(boards) == 1:
        return ""
    offered, first = ",".join(board.prefix for board in boards), boards[0].prefix
    label = 'label="Scorecard" description="The prefix of the scorecard to show."'
    return (
        f'            <property name="scorecard" type="String" datasource={quoteattr(offered)} '
        f"default={quoteattr(first)} {label} />\n"
    )
