"""The addresses of the leads' pages."""

from typing import Final

from starlette.routing import Route

from pages.leads.choosing import chosen
from pages.leads.finding import found
from pages.leads.lead import shown
from pages.leads.listing import exported, listed
from pages.leads.names import named
from pages.viewing import about_a_scorecard

ROUTES: Final = [
    Route("/choose", chosen),
    Route("/crm/{connection}/leads", about_a_scorecard(listed)),
    Route("/crm/{connection}/leads.csv", about_a_scorecard(exported)),
    Route("/crm/{connection}/find", found, methods=["POST"]),
    Route("/crm/{connection}/names", about_a_scorecard(named)),
    # An id may have any character, a slash too.
    Route("/crm/{connection}/leads/{lead:path}", about_a_scorecard(shown)),
]
