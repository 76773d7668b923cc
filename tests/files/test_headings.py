"""The headings of exports, with where each is from: which column is the id, the creation and the conversion."""

from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from calibrate.errors import CalibrationError
from calibrate.inputs.files import Paths, read
from calibrate.notes import Notes
from connectors.files import Columns, wide
from connectors.files.headings import ID_OF_LEADS


class Export(NamedTuple):
    """Some headings of an export in their order, and which is which."""

    headings: list[str]
    id_: str
    created: str
    converted: str | None = None


EXPORTS = {
    # A public export of all properties on records, `hubspot-crm-exports-all-contacts-2023-02-21.csv`.
    "HubSpot, 2023": Export(
        [
            *("Record ID", "First Name", "Became a Customer Date", "Became a Lead Date", "Close Date", "Contact owner"),
            *("Create Date", "Created by user ID", "Last Modified Date", "Object create date/time"),
        ],
        "Record ID",
        "Create Date",
        "Became a Customer Date",
    ),
    # Labels of contact properties in a public list of an account's properties (2025): stages have replaced the dates.
    "HubSpot, 2025": Export(
        [
            *("Contact ID", "Create Date", 'Date entered "Lead (Lifecycle Stage Pipeline)"'),
            'Date entered "Customer (Lifecycle Stage Pipeline)"',
        ],
        "Contact ID",
        "Create Date",
        'Date entered "Customer (Lifecycle Stage Pipeline)"',
    ),
    # https://developers.hubspot.com/docs/api-reference/legacy/crm/properties: the names of the same properties.
    "HubSpot, names": Export(
        ["hs_object_id", "createdate", "closedate", "hs_lifecyclestage_lead_date", "hs_lifecyclestage_customer_date"],
        "hs_object_id",
        "createdate",
        "hs_lifecyclestage_customer_date",
    ),
    # https://developer.salesforce.com/docs/platform/field-reference, Lead: labels, as a report has them.
    "Salesforce, report": Export(
        ["Lead ID", "Lead Owner", "Created Date", "Converted", "Converted Date", "Converted Account ID"],
        "Lead ID",
        "Created Date",
        "Converted Date",
    ),
    # The same page: the names of the API, as the data export and Data Loader have them.
    "Salesforce, data": Export(
        ["Id", "IsDeleted", "OwnerId", "IsConverted", "ConvertedDate", "ConvertedAccountId", "CreatedDate"],
        "Id",
        "CreatedDate",
        "ConvertedDate",
    ),
    # https://developer.salesforce.com/docs/marketing/pardot/guide/prospect-v5: fields of the prospect.
    "Pardot": Export(["Prospect ID", "Email", "Score", "Created Date", "Last Activity"], "Prospect ID", "Created Date"),
    "Pardot, names": Export(["id", "email", "createdAt", "updatedAt", "lastActivityAt"], "id", "createdAt"),
    # https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/bulk-extract/bulk-lead-extract
    "Marketo": Export(["id", "firstName", "createdAt", "updatedAt", "acquisitionDate"], "id", "createdAt"),
    "Marketo, lists": Export(["Id", "First Name", "Created At", "Updated At", "Acquisition Date"], "Id", "Created At"),
    # https://nishantrana.me/2022/07/20/import-data-import-data-wizard-few-key-points: the first columns of an export
    # to Excel; their headings are in many public exports.
    "Dynamics": Export(
        ["(Do Not Modify) Lead", "(Do Not Modify) Row Checksum", "(Do Not Modify) Modified On", "Created On", "Rating"],
        "(Do Not Modify) Lead",
        "Created On",
    ),
    # https://learn.microsoft.com/dynamics365/developer/reference/entities/contact: logical names.
    "Dynamics, names": Export(["contactid", "createdon", "modifiedon", "ownerid"], "contactid", "createdon"),
}


@pytest.mark.parametrize("export", EXPORTS.values(), ids=EXPORTS)
def test_score_finds_the_id_and_the_creation(export: Export) -> None:
    found = Columns(id_=ID_OF_LEADS).found(["id", "created_at"], export.headings)
    assert found == {"id": export.id_, "created_at": export.created}


@pytest.mark.parametrize("export", EXPORTS.values(), ids=EXPORTS)
def test_calibrate_finds_the_same_and_the_conversion(export: Export, tmp_path: Path) -> None:
    """Or asks for it, where the CRM has no such date."""
    cells = {one: ["no time", "nor this"] for one in export.headings}
    cells[export.id_] = ["a", "b"]
    cells[export.created] = ["2026-01-05", "2026-01-06"]
    if export.converted is not None:
        cells[export.converted] = ["2026-02-01", ""]
    pl.DataFrame(cells).write_csv(tmp_path / "export.csv")
    notes = Notes()
    if export.converted is None:
        with pytest.raises(CalibrationError, match="no column says when a lead converted"):
            read(Paths(tmp_path / "export.csv"), None, notes)
        return
    frames = read(Paths(tmp_path / "export.csv"), None, notes)
    assert frames.leads["lead"].to_list() == ["a", "b"]
    assert frames.leads["created_at"].null_count() == 0
    assert frames.outcomes["lead"].to_list() == ["a"]
    assert f"When a lead converted is read from {export.converted!r}." in {note.message for note in notes}


def test_behaviour_of_hubspot_is_told_apart() -> None:
    """First times, last times and counts, as the export of 2023 calls them."""
    headings = [
        *("First Conversion Date", "First marketing email click date", "First marketing email open date"),
        *("First Page Seen", "First Deal Created Date", "Last Activity Date", "Last marketing email open date"),
        *("Marketing emails opened", "Number of Form Submissions", "Number of Pageviews", "Recent Conversion Date"),
        *("Time First Seen", "Time Last Seen", "Time of First Session", "Number of Employees", "Next Activity Date"),
    ]
    assert wide.firsts(headings) == {
        "first_visit": ("Time First Seen",),
        "first_form_submit": ("First Conversion Date",),
        "first_email_open": ("First marketing email open date",),
        "first_email_click": ("First marketing email click date",),
    }
    assert wide.lasts(headings) == {
        "Last Activity Date": "last_activity",
        "Last marketing email open date": "last_email_open",
        "Recent Conversion Date": "last_form_submit",
        "Time Last Seen": "last_visit",
    }
    assert wide.counts(headings) == ["Marketing emails opened", "Number of Form Submissions", "Number of Pageviews"]
