"""Guards by name, on headings of real exports: what is left out and what is not, in both directions."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from calibrate.guards import names
from calibrate.notes import Notes
from connectors.files.headings import plain_name

SALES = "sales field"
SCORE = "another score"
TODAY = "today's value"
LATER = "known afterwards"

OUT = {
    # HubSpot, as exported
    "Lifecycle Stage": SALES, "Lead Status": SALES, "Contact owner": SALES, "HubSpot Owner Assigned Date": SALES,
    "Became a Customer Date": SALES, "Became an Opportunity Date": SALES, "Became a Sales Qualified Lead Date": SALES,
    "Close Date": SALES, "First Deal Created Date": SALES, "Recent Deal Amount": SALES, "Recent Deal Close Date": SALES,
    "Number of Associated Deals": SALES, "Associated Deals": SALES, "Days To Close": SALES, "Total Revenue": SALES,
    "Deal Stage": SALES, "Deal Type": SALES, "Closed Lost Reason": SALES, "Closed Won Reason": SALES, "HubSpot Team": SALES,
    "HubSpot Score": SCORE, "Likelihood to close": SCORE, "Contact priority": SCORE, "Predictive Lead Score": SCORE,
    "Last Activity Date": TODAY, "Last Contacted": TODAY, "Number of times contacted": TODAY, "Last Modified Date": TODAY,
    "Number of Sales Activities": TODAY, "Next Activity Date": TODAY,
    # HubSpot, as its API calls them
    "lifecyclestage": SALES, "hs_lead_status": SALES, "hubspot_owner_id": SALES, "hubspot_owner_assigneddate": SALES,
    "closedate": SALES, "num_associated_deals": SALES, "recent_deal_amount": SALES, "days_to_close": SALES,
    "hs_lifecyclestage_customer_date": SALES, "hs_date_entered_customer": SALES, "num_notes": SALES,
    "notes_last_contacted": TODAY, "hubspotscore": SCORE, "lastmodifieddate": TODAY,
    # Salesforce
    "Lead Owner": SALES, "Lead Owner Alias": SALES, "Rating": SALES, "Converted": SALES, "IsConverted": SALES,
    "ConvertedDate": SALES, "ConvertedOpportunityId": SALES, "Converted Account ID": SALES, "Stage": SALES, "StageName": SALES,
    "Probability (%)": SALES, "ForecastCategory": SALES, "Next Step": SALES, "Amount": SALES, "Opportunity Amount": SALES,
    "Expected Revenue": SALES, "IsWon": SALES, "IsClosed": SALES, "Unread By Owner": SALES, "Campaign Status": SALES,
    "Lead_Status__c": SALES, "Won__c": SALES, "LastModifiedDate": TODAY, "LastActivityDate": TODAY, "SystemModstamp": TODAY,
    "LastViewedDate": TODAY, "LastTransferDate": TODAY, "Einstein Lead Score": SCORE,
    # Pardot and Marketo
    "Assigned To": SALES, "Assigned User": SALES, "Assigned Date": SALES, "First Assigned": SALES, "Is Reviewed": SALES,
    "Notes": SALES, "Profile": SALES, "CRM Owner FID": SALES, "Score": SCORE, "Grade": SCORE, "Last Activity": TODAY,
    "Updated Date": TODAY, "Lead Revenue Stage": SALES, "Revenue Cycle Stage": SALES, "Is Customer": SALES, "Priority": SALES,
    "Person Score": SCORE, "Behavior Score": SCORE, "Demographic Score": SCORE, "Relative Urgency": SCORE,
    "Person Status": SALES, "Conversion Date": SALES,
    # Dynamics
    "Status": SALES, "Status Reason": SALES, "Owner": SALES, "Owning Business Unit": SALES, "Qualifying Opportunity": SALES,
    "Est. Close Date": SALES, "Lead Quality": SALES, "Budget Amount": SALES, "Sales Stage": SALES, "Qualified By": SALES,
    "(Do Not Modify) Modified On": TODAY, "Modified On": TODAY,
    # others
    "tags": SALES, "lead_profile": SALES, "current_stage": SALES, "is_sql": SALES, "sql_date": SALES, "MQL Date": SALES,
    "sales_notes": SALES, "customer_since": SALES, "Contract Value": SALES, "Invoice Amount": SALES, "Loss Reason": SALES,
    "Call Result": SALES, "disqualification_reason": SALES, "number_of_deals": SALES, "expected_acv": SALES,
    "Sales Rep": SALES, "Remarks": SALES, "last_notable_activity": TODAY, "asymmetrique_activity_index": SCORE,
    "lead_score": SCORE, "MadKudu Score": SCORE, "6sense_score": SCORE, "duration": LATER, "Call Duration": LATER,
    "total_touches_all": LATER, "visits_to_date": LATER,
    # left open by the name: left out, because a leak costs more than a note
    "comment_count": SALES, "has_sql": SALES, "deal_count": SALES, "user_rating": SALES,
}  # fmt: skip

FINE = (
    # product usage
    "has_sql_block", "reports_created", "dashboards_shared", "deals_viewed", "opportunity_size_hint", "closed_captions_used",
    "status_page_visits", "notes_taken", "invoice_feature_used", "tasks_closed", "tags_created", "invoices_sent",
    "contracts_signed", "comments_posted", "profile_completed", "profile_views", "tables_updated", "templates_modified",
    "sql_queries_run", "deals_created", "files_converted", "qualified_plan", "lost_password_requests", "seats_assigned",
    "won_awards", "rating_page_visits", "forecast_module_active", "pipeline_template_used", "stage_plots_opened",
    # who and what
    "account_type", "stage_of_company", "Company Stage", "Funding Stage", "amount_of_employees", "contract_type_wanted",
    "score_of_quiz", "Quiz Score", "Credit Score", "Marital Status", "Employment Status", "home_owner", "business_owner",
    "Loan Amount", "No. of Employees", "Annual Revenue", "Revenue", "number_of_customers", "Lead Source", "Original Source",
    "First Conversion", "Job Title", "Industry", "Specialization", "Purchase Timeframe", "Decision Maker?", "Persona",
    "Buying Role", "Product Interest", "Number of Pageviews", "Number of Form Submissions", "Total Time Spent on Website",
    "Campaign", "Person Source", "Acquisition Program", "Opted Out", "SIC Code", "Number of Locations", "Quality of Service Tier",
    "company_size", "visits", "grade_level", "data_quality_tools", "Year Founded", "birth_year", "opening_hours", "day_rate",
    "month_of_trial", "date_format", "update_frequency", "times_visited",
)  # fmt: skip


def reasons(heading: str, values: pl.Series, kind: Any = "text") -> list[str]:
    """Return the kinds of notes for one column."""
    field, notes = plain_name(heading), Notes()
    notes.columns = {field: heading}
    kept = names.usable({field: kind}, pl.DataFrame({field: values}), (), (), notes)
    assert bool(kept) is not bool(notes.items)
    return [note.kind for note in notes]


@pytest.mark.parametrize(("heading", "kind"), OUT.items())
def test_these_names_are_left_out(heading: str, kind: str) -> None:
    """Each with its reason, and `--include` brings it back."""
    values = pl.Series(["a", "b", "c"] * 40)
    assert reasons(heading, values) == [kind]
    field = plain_name(heading)
    assert names.usable({field: "text"}, pl.DataFrame({field: values}), (field,), (), Notes())


@pytest.mark.parametrize("heading", FINE)
def test_these_names_are_fine(heading: str) -> None:
    """A word that sales uses too is no reason by itself."""
    assert reasons(heading, pl.Series(["a", "b", "c"] * 40)) == []
    assert reasons(heading, pl.Series([0.0, 3.0, 250.0, None] * 40), "number") == []


@pytest.mark.parametrize(
    ("heading", "values", "out"),
    [
        ("Month", list(range(1, 13)), True),
        ("Month", ["Jan", "Feb", "mar."], True),
        ("Month", ["may", "none of these", "june"], False),
        ("Month", [1, 2, 40], False),
        ("Year", [2023, 2024, 2025], True),
        ("Year", [1, 2, 3], False),
        ("created_year", [2023, 2024, 2025], True),
        ("year_founded", [1999, 2004, 2015], False),
        ("Quarter", ["Q1", "Q2", "Q4"], True),
        ("Weekday", ["Mon", "Tuesday", "sun"], True),
        ("Day of Week", [1, 2, 7], True),
        ("Hour", [0, 13, 23], True),
        ("hour", [80, 120, 200], False),
        ("Week", [1, 30, 53], True),
        ("created", [20250101, 20251231, 20260228], True),
        ("Created Date", [45231, 45300, 46001], True),
        ("signup_at", [1_700_000_000, 1_710_000_000, 1_720_000_000], True),
        ("reports_created", [0, 3, 17], False),
        ("created", [0, 3, 17], False),
        ("date_preference", ["early", "late", "any"], False),
    ],
)
def test_a_part_of_a_date_is_one_by_name_and_values(heading: str, values: list[Any], out: bool) -> None:
    """The name alone is not enough, nor are the values."""
    column = pl.Series(values * 20)
    kind = "text" if column.dtype == pl.String else "number"
    column = column if kind == "text" else column.cast(pl.Float64)
    assert reasons(heading, column, kind) == (["date"] if out else [])


@pytest.mark.parametrize(
    ("heading", "kinds"),
    [
        ("registered", []),
        ("Trial End Date", []),
        ("Became an Opportunity Date", [SALES]),
        ("Close Date", [SALES]),
        ("Create Date", ["created"]),
        ("Time of Last Visit", [TODAY]),
        ("Recent Conversion Date", [TODAY]),
        ("Latest Meeting Date", [TODAY]),
    ],
)
def test_times_are_learned_from_unless_their_name_says_what_came_later(heading: str, kinds: list[str]) -> None:
    """Sales fields, the creation, and what happened last, which says of the past that nothing followed."""
    moments = pl.Series([datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)] + [None])
    assert reasons(heading, moments, "time") == kinds


@pytest.mark.parametrize("heading", ["contact_id", "email", "Phone Number", "Prospect ID", "Customer ID", "Record ID"])
def test_ids_are_left_out_where_they_have_many_values(heading: str) -> None:
    """With few values, it may be something else."""
    assert reasons(heading, pl.Series([f"v{number}" for number in range(100)] * 10)) == ["id"]
