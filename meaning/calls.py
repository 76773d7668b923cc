"""Whether a call reached the lead, by what its outcome is called.

A call that ended is logged as completed whether somebody answered or not, so the outcome decides. Words are written as
`folded` leaves them, and are patterns.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from meaning.words import by_distinct, folded, pattern
from vocabulary.patterns import found

UNREACHED: Final[Mapping[str, Sequence[str]]] = {
    "en": (
        "voice ?mails?",
        "l?vm",
        "answering machine",
        "left( a)?( live)? (message|msg)",
        "no (answer|response|reply|contact)",
        "not (reached|answered|connected|available)",
        "(did ?n ?t|did not) (answer|connect|pick up|reach)",
        "un(answered|available|reachable|reached|successful)",
        "busy",
        "(bad|disconnected|invalid|wrong) (contact|number|person)",
        "gate ?keeper",
        "missed( call)?",
        "abandoned",
    ),
    "de": (
        "nicht (abgenommen|erreicht|erreichbar|verfugbar)",
        "niemand(en)? erreicht",
        "keine antwort",
        "kein anschluss",
        "besetzt",
        "anrufbeantworter",
        "mailbox",
        "falsche (nummer|person|rufnummer)",
    ),
    "fr": (
        "messagerie( vocale)?",
        "repondeur",
        "laisse un message",
        "message vocal",
        "(pas de|sans) reponse",
        "injoignable",
        "(ligne )?occupee?",
        "(faux|mauvais) numero",
    ),
    "es": (
        "buzon( de voz)?",
        "dejo (un )?mensaje",
        "sin respuesta",
        "no (contesta|contesto|localizado|responde|respondio)",
        "ocupado",
        "numero (equivocado|incorrecto)",
    ),
    "pt": ("caixa postal", "correio de voz", "sem resposta", "nao (atende|atendeu|respondeu)", "numero errado"),
    "it": (
        "segreteria( telefonica)?",
        "nessuna risposta",
        "non (raggiungibile|raggiunto|risponde|risposto)",
        "occupato",
        "numero (errato|sbagliato)",
    ),
    "nl": ("geen (antwoord|gehoor)", "niet (bereikbaar|bereikt|opgenomen)", "(in gesprek|bezet)", "verkeerd nummer"),
    "ja": ("不在", "留守電", "留守番電話", "話し中", "応答なし", "番号違い"),
    "zh": ("无人接听", "無人接聽", "未接", "语音信箱", "語音信箱", "占线", "空号", "错号"),
}
"""Words of outcomes with which the lead was not reached, by language. A message left with somebody else is one."""


def unreached(outcome: pl.Expr, own: Sequence[str] = ()) -> pl.Expr:
    """Return whether an outcome says that the lead was not reached; false where there is none.

    `own`: further patterns, found anywhere without case.
    """
    words = pattern([term for terms in UNREACHED.values() for term in terms])

    def tell(frame: pl.DataFrame) -> pl.DataFrame:
        shipped = folded(pl.col("text")).str.contains(words)
        says = pl.any_horizontal(shipped, *(found(one, pl.col("text")) for one in own))
        return frame.with_columns(told=pl.when(says).then(pl.lit("no")))

    return by_distinct(outcome, tell).is_not_null()


def says_unreached(label: str, own: Sequence[str] = ()) -> bool:
    """Return whether the name of one outcome says that the lead was not reached."""
    return bool(pl.DataFrame({"label": [label]}).select(unreached(pl.col("label"), own)).item())
