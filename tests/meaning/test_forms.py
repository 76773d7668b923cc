"""Typical names of forms and the activity kind of each."""

import polars as pl
import pytest

from meaning.forms import kind_of_form, kind_of_page

NAMES = {
    "preferences": """
        Unsubscribe / contact preferences | Unsubscribe | Email Preferences | Subscription preferences | opt-out form
        Newsletter Abmeldung | Newsletter abbestellen | Se désabonner | Désinscription | Cancelar suscripción
        Darse de baja | Preferências de e-mail | Descadastrar | Disiscriviti | Afmelden nieuwsbrief | 配信停止フォーム | 取消订阅
        Manage your subscriptions | Cookie settings
    """,
    "newsletter_signup": """
        Newsletter | Newsletter Sign-up | newsletter_signup_footer | NewsletterForm | Subscribe to our blog | Blog Subscription
        Stay up to date | Join our mailing list | Newsletter-Anmeldung | Newsletter abonnieren | Newsletter pricing page
        Infolettre | S'abonner à la newsletter | Boletín de noticias | Suscríbete | Assine nossa newsletter
        Iscriviti alla newsletter | Nieuwsbrief | Nieuwsbriefinschrijving | メルマガ登録 | ニュースレター登録 | 订阅我们 | 電子報訂閱
        Email sign up
    """,
    "support_request": """
        Support: report a problem | Support request | Contact Support | Submit a ticket | Bug report | Helpdesk
        Supportanfrage | Störungsmeldung | Kundendienst Kontakt | Assistance technique | Service client | Soporte técnico
        Suporte técnico | Assistenza tecnica | Klantenservice | サポートお問い合わせ | 技术支持 | Product returns form
    """,
    "job_application": """
        Careers | Job application | Apply for this position | Join our team | Bewerbung | Bewerbungsformular | Karriere Kontakt
        Candidature spontanée | Recrutement | Trabaja con nosotros | Trabalhe conosco | Lavora con noi | Vacatures
        Sollicitatieformulier | 採用エントリー | 加入我们 | Internship demo team
    """,
    "survey": """
        Customer survey | Feedback form | NPS | Umfrage 2026 | Kundenbefragung | Fragebogen | Sondage | Enquête de satisfaction
        Encuesta de satisfacción | Pesquisa de satisfação | Sondaggio | Vragenlijst | アンケート | 客户问卷 | Pricing survey
    """,
    "webinar_register": """
        Webinar | Webinar sign-up | Webinar registration: pricing | WebinarRegistration | Online-Seminar Anmeldung
        Webinaire | Webinário | ウェビナー申込 | オンラインセミナー | 网络研讨会 | 線上研討會報名
    """,
    "event_register": """
        Event sign up | Event registration | Trade show 2026 | RSVP Summit | Veranstaltungsanmeldung | Messetermin | Workshop
        Inscription à l'événement | Evento: demo day | Feria 2026 | Conferência anual | Fiera | Evenement aanmelden
        イベント申込 | 展示会 | 活动报名 | 展會登記 | Demo at our booth
    """,
    "content_download": """
        Whitepaper: Democracy in the office | White Paper download | E-Book | eBook: Pricing for beginners | Case study
        Buyer's guide | Checklist | Download | Annual report | ROI calculator | Datasheet | ExcelTemplate
        Leitfaden Herunterladen | Broschüre | Fallstudie | Livre blanc | Téléchargement | Étude de cas | Libro blanco
        Guía gratuita | Descargar | Estudo de caso | Baixar | Libro bianco | Scarica la guida | Gids | Brochure downloaden
        ホワイトペーパー | 資料請求 | 資料ダウンロード | 白皮书 | 下载 | 電子書
    """,
    "demo_request": """
        Book a Demo | request_demo-2026 | RequestDemo | #demoForm | demoform | Get a demo | Schedule a demo call | Live-Demo
        Demo | Product tour | Demonstration | Walkthrough | Demoanfrage | Produktdemo | Demotermin vereinbaren | Vorführung
        Démo | Demander une démo | Démonstration | Solicitar una demo | Demostración | Agende uma demo | Demonstração
        Richiedi una demo | Dimostrazione | Demo aanvragen | Demonstratie | デモ申込 | デモのご依頼 | 预约演示 | 申請示範：產品示範
        B2BDemo | Contact us for a demo
    """,
    "pricing_request": """
        Get a quote | Pricing | pricing_request | PricingForm | Request for quotation | RFQ | Price list | Angebot anfordern
        Angebotsanfrage | Preisanfrage | Preise | Kostenvoranschlag | Demande de devis | Tarifs | Presupuesto
        Solicitar cotización | Orçamento | Preventivo | Richiesta prezzi | Offerte aanvragen | Prijsopgave | お見積り | 価格表
        报价 | 詢價
    """,
    "trial_start": """
        Free trial | free-trial | Trial | Sign up | SignUp | Start for free | Create your account | Get started | Kostenlos testen
        Testzugang | Testversion | Probemonat | Essai gratuit | Prueba gratis | Prueba gratuita | Teste grátis | Prova gratuita
        Gratis proberen | Proefperiode | 無料トライアル | 無料体験 | 免费试用 | 註冊
    """,
    "contact_request": """
        Contact us | Contact | ContactUs | #contact-form | Talk to sales | Get in touch | Schedule a call | Book a meeting
        Meeting request | Call back | Request a consultation | Book an appointment | General inquiry | Kontakt | Kontaktformular
        Kontaktanfrage | Rückruf | Rückrufbitte | Termin vereinbaren | Beratungsgespräch | Nous contacter | Contactez-nous
        Prendre rendez-vous | Être rappelé | Contacto | Contáctanos | Agendar una reunión | Contato | Fale conosco | Contatti
        Contattaci | Richiesta informazioni | Contactformulier | Neem contact op | Afspraak maken | Terugbelverzoek
        お問い合わせ | ご相談 | 联系我们 | 聯絡我們 | 预约会议 | Schedule a discovery call
    """,
}
NOTHING = (
    "Form 12",
    "Democracy now",
    "Footer",
    "Untitled form",
    "Priceless moments",
    "Registration",
    "Formular",
    "",
    "フォーム",
)


def kinds(names: list[str]) -> list[str | None]:
    return pl.DataFrame({"name": names}).select(kind_of_form(pl.col("name"))).to_series().to_list()


@pytest.mark.parametrize("kind", NAMES)
def test_name_tells_the_kind_of_a_form(kind: str) -> None:
    names = [name.strip() for line in NAMES[kind].strip().splitlines() for name in line.split("|")]
    assert dict(zip(names, kinds(names), strict=True)) == dict.fromkeys(names, kind)


def test_name_without_a_known_word_tells_nothing() -> None:
    assert dict(zip(NOTHING, kinds(list(NOTHING)), strict=True)) == dict.fromkeys(NOTHING)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://www.example.com/pricing?utm_source=demo", "pricing_request"),
        ("https://demo.example.com/", None),
        ("/request_DEMO", "demo_request"),
        ("https://example.de/kontakt/", "contact_request"),
        ("https://example.com/blog/how-to-price-a-demo", None),
        ("https://example.com/en/blog/demo", None),
        ("https://example.com/careers/demo-engineer", "job_application"),
        ("https://example.com", None),
        (None, None),
    ],
)
def test_path_of_the_page_tells_the_kind_of_a_form(url: str | None, kind: str | None) -> None:
    found = pl.DataFrame({"url": [url]}, {"url": pl.String}).select(kind_of_page(pl.col("url"))).item()
    assert found == kind
