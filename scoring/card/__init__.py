"""The scorecard as pydantic models. Each model validates its options and defines what they mean."""

from scoring.card.conditions import ActivitiesCondition, ActivityCondition, LeadCondition, Surge, Test, Unanswered
from scoring.card.grade import Criterion, Grade, Profile
from scoring.card.readiness import Priority, Readiness, Stage, Urgency
from scoring.card.rules import ActivityRule, BaseRule, LeadRule, TableRule
from scoring.card.score import Group, Score, Section
from scoring.card.scorecard import Scorecard

__all__ = [
    "ActivitiesCondition",
    "ActivityCondition",
    "ActivityRule",
    "BaseRule",
    "Criterion",
    "Grade",
    "Group",
    "LeadCondition",
    "LeadRule",
    "Priority",
    "Profile",
    "Readiness",
    "Score",
    "Scorecard",
    "Section",
    "Stage",
    "Surge",
    "TableRule",
    "Test",
    "Unanswered",
    "Urgency",
]
