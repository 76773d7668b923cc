"""Results shown inside the CRM: writes the projects that an administrator uploads to HubSpot or Salesforce.

`card/` has the words and the layout that both share, `hubspot/` and `salesforce/` the projects for the shipped
scorecards; `python -m crm` rewrites what is generated in them.
"""
