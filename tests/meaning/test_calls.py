"""Typical outcomes of calls, as portals and orgs name them."""

import pytest

from meaning.calls import says_unreached

UNREACHED = """
    Busy | Left voicemail | Left live message | No answer | Wrong number | Voicemail Drop | Gatekeeper | LVM | left VM
    Left message | No Contact | Did not connect | Didn't answer | Unreachable | Bad Number | Missed call | call unsuccessful
    Nicht erreicht | Anrufbeantworter | Mailbox besprochen | Besetzt | Falsche Nummer | Messagerie vocale | Pas de réponse
    Injoignable | Buzón de voz | Dejó mensaje en directo | Sin respuesta | Ocupado | Número incorrecto | Caixa postal | Não atendeu
    Segreteria telefonica | Non risponde | Geen gehoor | In gesprek | 不在 | 留守電 | 无人接听
"""
REACHED = """
    Connected | Meeting Booked | Not Interested | Follow-up call | Call me later | we'll call back | Language barrier | Interested
    Qualified | Gespräch geführt | Rückruf vereinbart | Rendez-vous pris | Conectado | Interesado | Afspraak gemaakt | 通話
"""


@pytest.mark.parametrize("label", [one.strip() for one in UNREACHED.replace("\n", "|").split("|") if one.strip()])
def test_an_outcome_says_that_nobody_was_reached(label: str) -> None:
    assert says_unreached(label)


@pytest.mark.parametrize("label", [one.strip() for one in REACHED.replace("\n", "|").split("|") if one.strip()])
def test_any_other_outcome_counts_as_reached(label: str) -> None:
    assert not says_unreached(label)


def test_own_patterns_go_beside_the_shipped_words() -> None:
    assert says_unreached("Growth | Call Did Not Connect")
    assert not says_unreached("Assistant")
    assert says_unreached("Talked to the ASSISTANT", ["assistant"])
