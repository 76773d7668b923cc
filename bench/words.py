"""The words of docs/benchmarks.md. The figures are in the lines of the benches (`bench.tables`)."""

HEAD = """
# Benchmarks: side by side

What leadgauge costs beside what people use otherwise, for the same work: scoring, reading from a CRM, writing to it,
and predicting. `make bench` measures all of it in one run and makes this page of the lines that the benches print,
which stand [at the end](#the-lines); nobody edits the figures.

Everything runs on one machine, against the project's own [sandboxes](sandbox.md) over real HTTP, without their rate
limits. A real CRM answers more slowly and allows fewer calls, so there the network and the limits decide; here it shows
what a tool does with your processor. Other work shares the machine, so compare the ratios and not the seconds. Each
contender runs in a process of its own. Each comparison checks that all did the same work, and stops if not. In brackets
is the memory before the work began, which the libraries take; of leadgauge's that includes the modules of the bench.
"""

NOT_THERE = """
## What is not compared

* *Singer's own tap-hubspot* reads contacts and companies by HubSpot's numbered APIs (`/contacts/v1`, `/companies/v2`),
  which the sandbox does not have. [Meltano's](https://pypi.org/project/meltano-tap-hubspot/), built on Singer's SDK,
  reads `/crm/v3` and stands in for it.
* *Activities of HubSpot by a tap*: Meltano's has no page views, and its calls come without their contacts.
* *dlt's own sources for HubSpot and Salesforce* are copied into a project by `dlt init` and are not on PyPI.
  `bench/contenders/with_dlt.py` states their way of reading anew: HubSpot with dlt's REST client and paginator,
  Salesforce with the bulk query of simple-salesforce, as the source does.
* *Odoo's predictive scoring* is part of Odoo. `calibrate/judging/odoo.py` states its method anew from its description:
  how often each value occurs among won and lost leads, 0.1 added to each count. Odoo's own runs in Python over rows of
  its database.
* The taps and simple-salesforce know only the vendors' hosts; their requests are sent to the sandbox instead
  (`bench/contenders/common.py`). Nothing else in them is changed.
"""

BEHIND = """
Found in the figures below, which `make bench` measures. Differences of less than a twentieth are not counted.
"""

SCORING = """
From Parquet to Parquet with 20 lead rules and 40 activity rules, without importing libraries. The queries and data
frames are as an analyst would write them, one pass for each rule (`bench/analysts.py`), and compute the score
alone. leadgauge computes grade, readiness, urgency, priority and reasons as well, and so does the loop; the loop scores
one lead of twenty, and its time is multiplied. Odoo's method answers another question, how likely a lead is won, and
looks at no activity. The last column says for how many leads the score is another one.
"""

READING = {
    ("hubspot", "people"): """
All ask for the same properties, except the tap, which always asks for all. leadgauge turns them into typed columns and
reads several pages at a time; the others read one page after the other. The second table has those that also store
what they read, compared with each other.
""",
    ("hubspot", "activities"): """
Calls with their contacts, and page views. hubspot-api-client cannot choose the properties of page views and gets all.
""",
    ("salesforce", "people"): """
Leads, contacts and accounts. The clients and dlt ask the very queries of leadgauge; the tap makes its own for the same
fields, after describing every object of the org.
""",
    ("salesforce", "activities"): """
Two objects of the org that hold what people did on the web.
""",
}

WRITING = {
    "hubspot": """
All write the same fields, each contender another score, which is read back from every lead and compared.
""",
    "salesforce": """
The same. `bulk` is Bulk API 1.0 and looks every five seconds whether its job is done; `bulk2` is Bulk API 2.0 and is
told to look every second.
""",
}

PREDICTING = """
The area under the curve (AUC) on leads that none of them saw: how often a lead that converts is ranked above one that
does not. Gradient boosting is scikit-learn's, on the same fields after the same guards and on counts of activities.
Odoo's method has the same fields, with numbers by range, which Odoo's own does not have; it learns from leads that are
won or lost, and knows no activities. The worlds are simulated, so their true chances are known. The last columns are
what learning takes. [Calibrate](calibrate.md#measured) has more sets, and how true the percentages are.
"""

HUGE = """
leadgauge alone, over sizes: whether time grows with the leads and memory does not (`python -m bench.scale`), and how
many leads a night looks at and writes (`python -m bench.refresh`). These take longer, so `make bench` does not run
them; `python -m bench.page --lines FILE` puts their lines here.

CPU and memory through the store are leadgauge's own, without PostgreSQL's. Compare CPU rather than time, which grows
with whatever else a machine does; a run that was paused has none.
"""

NAMES = {
    "leadgauge": "leadgauge",
    "sql": "the same rules in SQL, in DuckDB",
    "pandas": "the same rules in pandas",
    "loop": "the same rules in a plain Python loop",
    "hubspot-api-client": "hubspot-api-client, its models",
    "dlt_rest_client": "dlt's REST client, as dictionaries",
    "singer_tap-hubspot": "Singer: Meltano's tap-hubspot, to a file",
    "simple-salesforce_query_all": "simple-salesforce, `query_all`",
    "singer_tap-salesforce": "Singer: tap-salesforce, to a file",
    "leadgauge_into_its_store": "leadgauge, into its store (SQLite)",
    "dlt_into_duckdb": "a dlt pipeline, into DuckDB",
    "hubspot-api-client_batch_update": "hubspot-api-client, `batch_api.update`",
    "simple-salesforce_bulk": "simple-salesforce, `bulk`",
    "simple-salesforce_bulk2": "simple-salesforce, `bulk2`",
    "leadgauge_points": "leadgauge's points",
    "leadgauge_likelihood": "leadgauge's likelihood",
    "gradient_boosting": "gradient boosting",
    "odoo_bayes": "Odoo's naive Bayes, stated anew",
    "truth": "the true chances",
}
"""Contenders, as people call them."""

COUNTS = {
    "people": "contacts",
    "accounts": "companies",
    "calls": "calls",
    "views": "page views",
    "lead": "leads",
    "contact": "contacts",
    "account": "accounts",
    "web_visit__c": "page visits",
    "web_action__c": "web actions",
}
"""Records that were read."""

_PASSES_ON = "It passes on what the JSON says; leadgauge checks each answer and gives the values types."
_ASKS_LESS = "It asks less: leadgauge describes the objects, counts what it lists, and compares."
_BY_JOB = "It writes by a job; up to `bulk_writes_above` rows leadgauge writes 200 a call."
WHY = {
    ("scoring", "odoo_bayes"): "It looks at no activity, and gives no reasons.",
    ("scoring", "sql"): "It computes the score alone.",
    ("scoring", "pandas"): "It computes the score alone.",
    ("pulling", "dlt_rest_client"): _PASSES_ON,
    ("pulling", "hubspot-api-client"): _PASSES_ON,
    ("pulling", "simple-salesforce_query_all"): _ASKS_LESS,
    ("pulling", "singer_tap-salesforce"): _ASKS_LESS,
    ("pulling", "dlt_into_duckdb"): (
        "DuckDB takes whole columns; in leadgauge's store each row can be changed and withdrawn by itself."
    ),
    ("writing", "simple-salesforce_bulk"): _BY_JOB,
    ("writing", "simple-salesforce_bulk2"): f"{_BY_JOB} It does not read which rows were refused, either.",
}
"""Why a contender can do with less CPU."""

LEARNS = """
calibrate also looks for leaks in each field, judges itself on the newest part, and makes rules that people can read.
"""
