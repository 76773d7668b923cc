"""What kind of activity a form is, by its name, or by the page that it is on where the name says nothing.

The first row with a word in the name decides. What is no sign of buying comes first: a newsletter form in the footer
of the price page is a newsletter. Words are written as `folded` leaves them, and are patterns: `e ?book`.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

import polars as pl

from meaning.words import by_distinct, folded, pattern

Words = Mapping[str, Sequence[str]]
"""Words by language."""

FORMS: Final[Sequence[tuple[str, Words]]] = (
    (
        "preferences",
        {
            "en": (
                "unsubscribe",
                "unsubscription",
                "opt ?out",
                "(e ?mail|contact|communication|subscription|privacy|cookie|marketing) (preferences?|settings)",
                "preferences?( cent(er|re))?",
                "manage (my |your )?subscriptions?",
                "consent form",
                "do not sell",
            ),
            "de": (
                "abmelden",
                "abmeldung",
                "abbestell(en|ung)",
                "newsletterabmeldung",
                "einstellungen",
                "einwilligung",
            ),
            "fr": ("desabonne(r|ment)", "desinscri(re|ption)", "me desinscrire", "consentement"),
            "es": ("darse de baja", "darme de baja", "cancelar (la )?suscripcion", "preferencias", "consentimiento"),
            "pt": ("descadastrar", "cancelar (a )?(inscricao|assinatura)", "preferencias", "consentimento"),
            "it": ("disiscri(viti|zione)", "cancella(ti|zione)( iscrizione)?", "preferenze", "consenso"),
            "nl": ("afmelden", "afmelding", "uitschrijven", "uitschrijving", "voorkeuren", "toestemming"),
            "ja": ("配信停止", "登録解除", "解除", "設定"),
            "zh": ("退订", "取消订阅", "退訂", "取消訂閱", "偏好"),
        },
    ),
    (
        "newsletter_signup",
        {
            "en": (
                "news ?letters?( ?(form|sign ?up|signup|subscription|registration|footer))?",
                "subscribe(rs?)?",
                "(e ?mail|mail|blog|news|update) (subscriptions?|sign ?up|updates|list)",
                "subscription form",
                "mailing ?list",
                "stay (up to date|informed|in touch|tuned)",
                "e ?mail updates",
            ),
            "de": ("newsletter ?(anmeldung|abo|bestellung|formular|registrierung)", "abonnieren", "rundbrief"),
            "fr": ("infolettre", "lettre d information", "s abonner", "abonnez vous", "abonnement (a la )?newsletter"),
            "es": ("boletin(es)?", "suscri(birse|bete|pcion|base)", "suscribirme"),
            "pt": ("boletim", "informativo", "assine", "inscreva se"),
            "it": ("notiziario", "iscriviti( alla newsletter)?", "iscrizione (alla )?newsletter"),
            "nl": ("nieuwsbrief(inschrijving|aanmelding)?", "abonneer", "abonneren"),
            "ja": ("メルマガ", "メールマガジン", "ニュースレター", "購読"),
            "zh": ("订阅", "訂閱", "电子报", "電子報", "简报", "新闻通讯"),
        },
    ),
    (
        "support_request",
        {
            "en": (
                "support( ?(form|request|ticket|case|us|team))?",
                "help ?(desk|center|centre|request)",
                "report (a |an )?(problem|issue|bug|abuse|error)",
                "bug report",
                "(raise|open|submit|create|log) (a )?(ticket|case)",
                "technical (question|help|issue)",
                "complaints?",
                "warranty",
                "returns? (request|form)",
                "rma",
                "customer (service|care)",
            ),
            "de": ("hilfe", "kundendienst", "kundenservice", "storung(smeldung)?", "reklamation", "supportanfrage"),
            "fr": ("assistance( technique)?", "aide", "service client", "reclamation", "sav"),
            "es": ("soporte( tecnico)?", "ayuda", "atencion al cliente", "reclamacion(es)?", "incidencias?"),
            "pt": ("suporte( tecnico)?", "ajuda", "atendimento ao cliente", "reclamac(ao|oes)"),
            "it": ("assistenza( tecnica)?", "supporto( tecnico)?", "aiuto", "reclam(o|i)", "servizio clienti"),
            "nl": ("ondersteuning", "klantenservice", "hulp", "klacht(en)?", "storing"),
            "ja": ("サポート", "ヘルプ", "不具合", "故障", "修理"),
            "zh": ("技术支持", "技術支援", "支持", "客服", "售后", "投诉", "报修", "帮助"),
        },
    ),
    (
        "job_application",
        {
            "en": (
                "careers?",
                "jobs",
                "job ?(applications?|offers?|alerts?|form|openings?)",
                "appl(y|ication) (for|to) (a |the |this )?(job|position|role)",
                "join (our|the) team",
                "work (with|for) us",
                "internships?",
                "vacanc(y|ies)",
                "resumes?",
                "cv",
                "recruit(ing|ment)",
                "talent (pool|community)",
            ),
            "de": (
                "karriere",
                "bewerb(ung|ungen|er|en)( \\w+)?",
                "bewerbungsformular",
                "stellenangebote?",
                "praktikum",
            ),
            "fr": ("carrieres?", "candidature( spontanee)?", "recrutement", "emplois?", "postuler", "demande de stage"),
            "es": ("empleos?", "carreras", "trabaja con nosotros", "curriculum", "vacantes?", "reclutamiento"),
            "pt": ("vagas?", "carreiras?", "trabalhe conosco", "curriculo", "recrutamento"),
            "it": ("lavora con noi", "carriere", "candidatur(a|e)", "posizioni aperte", "offert(a|e) di lavoro"),
            "nl": ("vacatures?", "sollicit(atie|eren)(formulier)?", "werken bij", "carriere"),
            "ja": ("採用", "求人", "応募", "キャリア"),
            "zh": ("招聘", "应聘", "求职", "加入我们", "職缺", "徵才"),
        },
    ),
    (
        "survey",
        {
            "en": (
                "surveys?",
                "questionnaires?",
                "feedback( ?form)?",
                "nps",
                "csat",
                "polls?",
                "quiz(zes)?",
                "(write|leave) a review",
            ),
            "de": ("\\w*umfragen?", "fragebogen", "\\w*befragung(en)?", "ruckmeldung", "bewertung", "feedbackbogen"),
            "fr": ("sondages?", "enquetes?", "questionnaire de satisfaction", "votre avis", "avis clients?"),
            "es": ("encuestas?", "cuestionarios?", "opinion(es)?", "comentarios", "valoracion"),
            "pt": ("pesquisa( de satisfacao)?", "questionarios?", "avaliacao (de|do|da) \\w+", "opiniao"),
            "it": ("sondaggi(o)?", "questionari(o)?", "recension(e|i)", "opinion(e|i)"),
            "nl": ("enquetes?", "vragenlijst", "onderzoek", "beoordeling"),
            "ja": ("アンケート", "調査", "ご意見"),
            "zh": ("问卷", "問卷", "调查", "調查", "反馈", "意见"),
        },
    ),
    (
        "webinar_register",
        {
            "en": ("webinars?( ?(registration|register|sign ?up|form))?", "web ?casts?", "online seminars?"),
            "de": ("webinar(e|anmeldung|reihe)?", "online ?seminar(e)?", "webseminar(e)?"),
            "fr": ("webinaires?", "seminaires? en ligne", "webconferences?"),
            "es": ("webinarios?", "seminarios? (web|online|en linea)"),
            "pt": ("webinarios?", "seminarios? online"),
            "it": ("seminari(o)? online",),
            "nl": ("online seminars?",),
            "ja": ("ウェビナー", "ウェブセミナー", "webセミナー", "オンラインセミナー", "セミナー"),
            "zh": ("网络研讨会", "線上研討會", "网络讲座", "在线研讨会", "研讨会", "直播"),
        },
    ),
    (
        "event_register",
        {
            "en": (
                "events?( ?(registration|register|sign ?up|form))?",
                "conferences?",
                "trade ?shows?",
                "summit",
                "work ?shops?",
                "meet ?ups?",
                "rsvp",
                "exhibition",
                "roundtable",
                "road ?show",
                "booth",
                "expo",
            ),
            "de": (
                "veranstaltung(en|sanmeldung)?",
                "messe(n|termin|anmeldung)?",
                "konferenz(en)?",
                "tagung",
                "seminare?",
            ),
            "fr": ("evenements?", "conferences?", "salons? professionnels?", "atelier", "seminaires?", "invitation"),
            "es": ("eventos?", "conferencias?", "ferias?", "congresos?", "taller(es)?", "jornadas?", "seminarios?"),
            "pt": ("conferencias?", "feiras?", "congresso", "oficina", "palestras?"),
            "it": ("event(o|i)", "conferenz(a|e)", "fier(a|e)", "convegn(o|i)", "seminari(o)?"),
            "nl": ("evenement(en)?", "beurs", "conferentie", "bijeenkomst", "congres"),
            "ja": ("イベント", "展示会", "講演会", "カンファレンス"),
            "zh": ("活动", "活動", "展会", "展會", "会议报名", "會議報名", "大会", "峰会", "讲座"),
        },
    ),
    (
        "content_download",
        {
            "en": (
                "white ?papers?",
                "e ?books?",
                "(case|use case) ?stud(y|ies)",
                "(buyers?( s)?|pricing|price|product|user|how to|ultimate|free|complete) guides?",
                "guides?",
                "check ?lists?",
                "templates?",
                "brochures?",
                "data ?sheets?",
                "fact ?sheets?",
                "tool ?kits?",
                "(annual|industry|research|benchmark|market|trend|analyst|state of \\w+|free) reports?",
                "info ?graphics?",
                "play ?books?",
            ),
            "de": (
                "leitfaden",
                "broschuren?",
                "checklisten?",
                "vorlagen?",
                "ratgeber",
                "studien?",
                "fallstudien?",
                "datenblatt",
            ),
            "fr": (
                "livres? blancs?",
                "guide",
                "brochure",
                "etudes? de cas",
                "modeles?",
                "fiches? (technique|produit)s?",
            ),
            "es": ("libros? (blanco|electronico)s?", "guias?", "casos? de (exito|estudio)", "plantillas?", "folletos?"),
            "pt": ("livros? (branco|digital)", "guias?", "estudos? de caso", "planilhas?", "modelos?", "cartilha"),
            "it": ("libr(o|i) bianc(o|hi)", "guid(a|e)", "cas(o|i) (di )?studio", "modell(o|i)", "opuscol(o|i)"),
            "nl": ("gids(en)?", "handleiding", "sjabloon", "praktijkvoorbeeld", "whitepaperaanvraag"),
            "ja": ("ホワイトペーパー", "資料", "カタログ", "事例", "ガイド", "電子書籍", "テンプレート"),
            "zh": ("白皮书", "白皮書", "电子书", "電子書", "案例", "指南", "资料", "資料", "模板", "手册"),
        },
    ),
    (
        "demo_request",
        {
            "en": (
                (
                    "(request|book|get|schedule|see|watch|live|product|free)? ?(an? )?demos?"
                    " ?(form|request|sign ?up|booking|call|cta|page|now)?"
                ),
                "demonstrations?",
                "walk ?throughs?",
                "product tour",
                "guided tour",
                "see it in action",
            ),
            "de": (
                "(produkt|live|online|gratis)?demo(anfrage|termin|anforderung|zugang|version|formular|buchung)?",
                "vorfuhrung(en)?",
                "produkt(vorfuhrung|prasentation|vorstellung)",
                "demonstration",
            ),
            "fr": ("demonstrations?", "demander une demo", "visite guidee"),
            "es": ("demostracion(es)?", "solicita(r)? (una )?demo"),
            "pt": ("demonstrac(ao|oes)", "agende uma demo"),
            "it": ("dimostrazion(e|i)", "richiedi (una )?demo"),
            "nl": ("demonstraties?", "demo ?aanvraag", "demoaanvragen", "rondleiding"),
            "ja": ("デモ", "実演"),
            "zh": ("演示", "试演", "產品示範", "示範", "预约体验"),
        },
    ),
    (
        "pricing_request",
        {
            "en": (
                "pricings?( ?(form|request|page|inquiry))?",
                "prices?( ?(request|list|inquiry|quote))?",
                "quotes?( ?(form|request))?",
                "quotations?",
                "rfq",
                "rfp",
                "estimates?",
                "proposals?",
                "cost calculator",
                "get costs?",
            ),
            "de": (
                "preis(e|anfrage|liste|auskunft|rechner)?",
                "angebot(e|sanfrage|sanforderung)?",
                "kostenvoranschlag",
                "offerten?",
            ),
            "fr": ("prix", "tarifs?", "devis", "demande de (prix|tarif|devis)", "chiffrage"),
            "es": ("precios?", "presupuestos?", "cotizacion(es)?", "tarifas?", "cotizar"),
            "pt": ("precos?", "orcamentos?", "cotac(ao|oes)", "tarifas?"),
            "it": ("prezz(o|i)", "preventiv(o|i)", "quotazion(e|i)", "tariff(a|e)", "offert(a|e)"),
            "nl": (
                "prij(s|zen)(opgave|lijst|aanvraag)?",
                "offertes?( ?aanvra(ag|gen))?",
                "offerteaanvraag",
                "tarieven",
            ),
            "ja": ("見積", "価格", "料金"),
            "zh": ("报价", "報價", "询价", "詢價", "价格", "價格", "定价"),
        },
    ),
    (
        "trial_start",
        {
            "en": (
                "(free ?)?trials?( ?(form|request|sign ?up|registration))?",
                "sign ?up( ?(form|now|free))?",
                "try (it|now|for free|\\w+ (for )?free)",
                "start (for )?free",
                "create (an? |your )?(free )?account",
                "free account",
                "get started",
                "sandbox access",
            ),
            "de": (
                "(kostenlos |gratis )?test(en|zugang|version|account|phase|anmeldung)",
                "(kostenlos|gratis|jetzt|unverbindlich) (\\w+ )?testen",
                "probe(zugang|version|abo|monat|phase)",
                "konto (erstellen|anlegen)",
            ),
            "fr": ("essai(s)?( gratuits?)?", "essayer( gratuitement)?", "version d essai", "creer (un|mon) compte"),
            "es": (
                "pruebas?( gratuitas?| gratis)?",
                "prueba gratis",
                "probar( gratis)?",
                "crear (una )?cuenta",
                "registrate",
            ),
            "pt": (
                "testes?( gratis| gratuito)?",
                "experimente( gratis)?",
                "avaliacao gratuita",
                "criar (uma )?conta",
                "teste gratis",
            ),
            "it": ("prova( gratuita| gratis)?", "crea (un )?account"),
            "nl": (
                "proef(periode|abonnement|versie|account)?",
                "gratis (proberen|uitproberen|proefperiode)",
                "probeer( gratis)?",
            ),
            "ja": ("トライアル", "無料体験", "お試し", "体験版", "無料登録", "アカウント作成"),
            "zh": ("试用", "試用", "免费体验", "注册", "註冊"),
        },
    ),
    (
        "contact_request",
        {
            "en": (
                "contacts?( ?(us|form|sales|page|request|me))?",
                "contact ?us( ?form)?",
                "(talk|speak|chat) (to|with) (us|sales|an? \\w+|our \\w+)",
                "get in touch",
                "reach (out|us)",
                "call ?backs?( ?request)?",
                "(request|schedule|book|arrange|set up) (an? |your )?(\\w+ )?(call|meeting|consultation|appointment)",
                "(schedule|book)(call|meeting)",
                "(meeting|call|appointment) (request|booking|scheduler)",
                "meetings?( ?link)?",
                "appointments?",
                "consultations?",
                "inquir(y|ies)",
                "enquir(y|ies)",
                "ask (us|a question|an expert)",
                "discovery call",
            ),
            "de": (
                "kontakt(e|formular|anfrage|aufnahme|ieren|iere)?( sie)?",
                "(ruckruf|ruckrufe?)(bitte|service|wunsch|formular|anfrage)?",
                "(beratungs)?(termin|gesprach)(e|vereinbarung|buchung|anfrage)?",
                "(erst)?beratung(sgesprach|stermin)?",
                "(allgemeine |all)?anfragen?(formular)?",
                "ansprechpartner",
            ),
            "fr": (
                "contact(er|ez)?( nous)?",
                "nous contacter",
                "(etre |demande de )?rappel(er|e)?",
                "(prendre|prise de|demander un) (un )?(rendez vous|rdv)",
                "rendez vous",
                "rdv",
                "parler a un expert",
            ),
            "es": (
                "contact(o|ar|anos|enos|e)( con nosotros)?",
                "formulario de contacto",
                "hablar con ventas",
                "agendar (una )?(cita|llamada|reunion)",
                "solicitar llamada",
                "consulta",
            ),
            "pt": (
                "contatos?",
                "contactos?",
                "(fale|entre em contato) (com|conosco)( \\w+)?",
                "fale conosco",
                "agend(ar|e) (uma )?(reuniao|chamada|conversa)",
                "ligamos para voce",
            ),
            "it": (
                "contatt(o|i|aci|are)",
                "modulo (di )?contatto",
                "(richiesta|richiedi) (di )?(informazioni|contatto|consulenza)",
                "prenota (una )?(chiamata|consulenza|riunione)",
                "parla con \\w+",
            ),
            "nl": (
                "contact(formulier|aanvraag|eer)?( opnemen| ons)?",
                "neem contact op",
                "terugbel(verzoek|len)?",
                "bel (me|mij) terug",
                "(plan een )?(afspraak|gesprek|kennismaking)( maken)?",
            ),
            "ja": (
                "お問い合わせ",
                "お問合せ",
                "お問合わせ",
                "問い合わせ",
                "問合せ",
                "コンタクト",
                "相談",
                "面談",
                "打ち合わせ",
            ),
            "zh": ("联系", "聯絡", "聯繫", "咨询", "諮詢", "预约", "預約", "留言"),
        },
    ),
    (
        "content_download",
        {
            "en": (
                "downloads?( ?(form|now))?",
                "reports?",
                "calculators?",
                "resources?",
                "pdf",
                "stud(y|ies)",
                "slides?",
            ),
            "de": ("herunterladen", "downloadformular", "berichte?", "rechner"),
            "fr": ("telecharge(r|ment)s?", "rapports?", "calculat(eur|rice)"),
            "es": ("descarga(r|s)?", "informes?", "calculadora"),
            "pt": ("baixar", "relatorios?", "calculadora", "downloads? gratis"),
            "it": ("scarica(re)?", "rapport(o|i)", "calcolatore"),
            "nl": ("downloaden", "rapport(en)?", "rekentool"),
            "ja": ("ダウンロード", "レポート"),
            "zh": ("下载", "下載", "报告", "報告"),
        },
    ),
)
"""Kinds of forms with the words that tell them, in order. Own words go before these: `by_form` in the settings."""

_READING: Final = r"^(?:\w+ )?(?:blog|news|press|articles?|posts?|magazine?|wissen|noticias|actualites)\b"
"""The beginning of a path whose words are what a text is about, such as `/blog/how-to-price-a-demo`."""


def kind_of_form(name: pl.Expr) -> pl.Expr:
    """Return the kind that the name of a form tells, or null."""
    return by_distinct(name, _tell)


def kind_of_page(url: pl.Expr) -> pl.Expr:
    """Return the kind that a page tells of the form on it, or null. The host and the query say nothing."""
    path = url.str.extract(r"^(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*|//[^/?#]*)?([^?#]*)")
    return by_distinct(pl.when(~folded(path).str.contains(_READING)).then(path), _tell)


def _tell(names: pl.DataFrame) -> pl.DataFrame:
    words = names.select(folded(pl.col("text")).alias("words"))
    kinds = [pl.when(pl.col("words").str.contains(found)).then(pl.lit(kind)) for kind, found in _patterns()]
    return words.select(pl.coalesce(kinds).alias("told"))


@cache
def _patterns() -> Sequence[tuple[str, str]]:
    return [(kind, pattern(term for terms in words.values() for term in terms)) for kind, words in FORMS]
