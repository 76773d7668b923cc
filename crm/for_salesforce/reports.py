"""A report type of each object with results of leads, and a report by priority that a dashboard can show."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from crm.boards import Board
from crm.for_salesforce.metadata import MAIN, Component, Org
from crm.for_salesforce.naming import api_name, label, present

FOLDER: Final = "Leadgauge"
_STANDARD: Final = {
    "Lead": ("Name", "Company", "Title", "LeadSource", "Status", "Owner", "CreatedDate"),
    "Contact": ("Name", "Account", "Title", "LeadSource", "Owner", "CreatedDate"),
}
_MANY: Final = {"Lead": "Leads", "Contact": "Contacts"}


def components(boards: Sequence[Board], org: Org) -> Iterator[Component]:
    """Yield the folder, the report types and the reports; none for scorecards without a priority."""
    ranking = [board for board in boards if "priority" in board.leads]
    if ranking:
        yield Component("ReportFolder", f"{MAIN}/reports/{FOLDER}.reportFolder-meta.xml", _folder())
    for board in ranking:
        for name in org.leads:
            yield _type(board, name)
            yield _report(board, name)


def _folder() -> dict[str, Any]:
    share = {"accessLevel": "View", "sharedTo": "AllInternalUsers", "sharedToType": "Group"}
    return {"folderShares": share, "name": "Lead scoring"}


def _type(board: Board, name: str) -> Component:
    def column(field: str) -> dict[str, Any]:
        return {"checkedByDefault": field == "Name", "field": field, "table": name}

    return Component(
        "ReportType",
        f"{MAIN}/reportTypes/{_type_name(board, name)}.reportType-meta.xml",
        {
            "baseObject": name,
            "category": "leads" if name == "Lead" else "accounts",
            "deployed": True,
            "description": f"{_MANY[name]} with the results of lead scoring.",
            "label": label(board, f"{_MANY[name]} scored"),
            "sections": [
                {"columns": [column(field) for field in _STANDARD[name]], "masterLabel": _MANY[name]},
                {"columns": [column(field) for field in _ours(board)], "masterLabel": "Lead scoring"},
            ],
        },
    )


def _ours(board: Board) -> list[str]:
    return present(board, "leads", *board.leads)


def _type_name(board: Board, name: str) -> str:
    return api_name(board, _MANY[name].lower())


def _report(board: Board, name: str) -> Component:
    """Return the number of records by priority, with a chart, and the records below it."""
    (priority,) = present(board, "leads", "priority")
    told = present(board, "leads", "grade", "readiness", "score", "priority_index", "next_step", "expires_at")
    group = f"{name}${priority}"
    return Component(
        "Report",
        f"{MAIN}/reports/{FOLDER}/{api_name(board, f'{_MANY[name].lower()}_by')}.report-meta.xml",
        {
            "chart": {
                "chartSummaries": {"axisBinding": "y", "column": "RowCount"},
                "chartType": "HorizontalBar",
                "groupingColumn": group,
                "legendPosition": "Bottom",
                "location": "CHART_TOP",
                "showAxisLabels": True,
                "showValues": True,
                "size": "Medium",
                "title": label(board, f"{_MANY[name]} by priority"),
            },
            "columns": [{"field": f"{name}${field}"} for field in ("Name", "Owner", *told)],
            "description": "How many there are of each priority; the chart can be put on a dashboard.",
            "filter": {"criteriaItems": {"column": group, "isUnlocked": True, "operator": "notEqual", "value": ""}},
            "format": "Summary",
            "groupingsDown": {"dateGranularity": "Day", "field": group, "sortOrder": "Asc"},
            "name": label(board, f"{_MANY[name]} by priority"),
            "reportType": f"{_type_name(board, name)}__c",
            "scope": "organization",
            "showDetails": True,
            "showGrandTotal": True,
            "showSubTotals": True,
            "timeFrameFilter": {"dateColumn": f"{name}$CreatedDate", "interval": "INTERVAL_CUSTOM"},
        },
    )
