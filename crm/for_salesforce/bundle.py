"""The description of the Lightning web component: on which pages it may stand, and which scorecards it offers."""

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import quoteattr

from crm.boards import Board
from crm.component import MADE
from crm.for_salesforce.metadata import API, MAIN, NAMESPACE, Org
from vocabulary.outputs import OFS

_PATH: Final = f"{MAIN}/lwc/leadgaugeCard/leadgaugeCard.js-meta.xml"


def files(boards: Sequence[Board], org: Org) -> Iterator[tuple[str, str]]:
    """Yield the path and text of the description.

    Its attribute names the scorecard by its prefix, chosen from a list where each has one:
    https://developer.salesforce.com/docs/platform/lwc/guide/reference-configuration-tags.html (2026-11).
    """
    shown = [name for of in OFS if any(board.of(of) for board in boards) for name in org.objects(of)]
    objects = "".join(f"                <object>{name}</object>\n" for name in shown)
    yield (
        _PATH,
        f"""<?xml version="1.0" encoding="UTF-8"?>
<LightningComponentBundle xmlns="{NAMESPACE}">
    <!-- {MADE} -->
    <apiVersion>{API}</apiVersion>
    <description>What to do about the record, why, and until when, as leadgauge scored it.</description>
    <isExposed>true</isExposed>
    <masterLabel>Lead scoring (leadgauge)</masterLabel>
    <targets>
        <target>lightning__RecordPage</target>
    </targets>
    <targetConfigs>
        <targetConfig targets="lightning__RecordPage">
            <property name="scorecard" type="String" label="Scorecard" {_choice(boards)} />
            <objects>
{objects}            </objects>
        </targetConfig>
    </targetConfigs>
</LightningComponentBundle>
""",
    )


def _choice(boards: Sequence[Board]) -> str:
    prefixes = [board.prefix for board in boards]
    if all(prefixes):
        offered = f"datasource={quoteattr(','.join(prefixes))} default={quoteattr(prefixes[0])}"
        return f'{offered} description="The prefix of the scorecard to show."'
    others = f" There are: {', '.join(prefixes[1:])}." if prefixes[1:] else ""
    told = f"The prefix of the scorecard to show. Leave it empty for the one without a prefix.{others}"
    return f"description={quoteattr(told)}"
