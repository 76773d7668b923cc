"""Names of invented people and companies, in many scripts."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Locale:
    """Given and family names of one language, each with a spelling for e-mail addresses."""

    country: str
    given: tuple[tuple[str, str], ...]
    family: tuple[tuple[str, str], ...]


def _same(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, name.lower()) for name in names)


LOCALES: Final[tuple[Locale, ...]] = (
    Locale(
        "US",
        _same("Avery", "Jordan", "Morgan", "Riley", "Casey", "Taylor", "Quinn", "Harper"),
        (*_same("Sample", "Placeholder", "Tester", "Mockley", "Doe"), ("O'Example", "oexample")),
    ),
    Locale(
        "DE",
        (("Jürgen", "juergen"), ("Käthe", "kaethe"), ("Søren", "soeren"), *_same("Anke", "Lutz", "Heike")),
        (("Müßig", "muessig"), ("Beispiel", "beispiel"), ("Größer", "groesser"), ("von der Prüf", "vonderpruef")),
    ),
    Locale(
        "FR",
        (("Zoë", "zoe"), ("François", "francois"), ("Élodie", "elodie"), ("Jean-Noël", "jeannoel")),
        (("Échantillon", "echantillon"), ("L'Essai", "lessai"), ("D'Œuvre", "doeuvre"), ("Modèle", "modele")),
    ),
    Locale(
        "PL",
        (("Łukasz", "lukasz"), ("Małgorzata", "malgorzata"), ("Świętosława", "swietoslawa")),
        (("Przykładowa", "przykladowa"), ("Żółć", "zolc"), ("Testowski", "testowski")),
    ),
    Locale(
        "JP",
        (("太郎", "taro"), ("花子", "hanako"), ("さくら", "sakura"), ("健", "ken")),
        (("見本", "mihon"), ("例", "rei"), ("試験", "shiken"), ("ダミー", "damii")),
    ),
    Locale(
        "CN",
        (("小明", "xiaoming"), ("丽", "li"), ("伟", "wei")),
        (("样", "yang"), ("测试", "ceshi"), ("范例", "fanli")),
    ),
    Locale(
        "IN",
        (("आरव", "aarav"), ("अनन्या", "ananya"), ("தமிழ்", "tamizh"), *_same("Priya", "Rohan")),
        (("उदाहरण", "udaharan"), ("नमूना", "namuna"), *_same("Namuna", "Pariksha")),
    ),
    Locale(
        "AE",
        (("مريم", "maryam"), ("يوسف", "yousef"), ("ليلى", "layla")),
        (("مثال", "mithal"), ("التجربة", "altajriba")),
    ),
    Locale("IL", (("נועה", "noa"), ("יונתן", "yonatan")), (("דוגמה", "dugma"), ("ניסיון", "nisayon"))),
    Locale(
        "UA",
        (("Олена", "olena"), ("Юлія", "yuliia")),
        (("Приклад", "pryklad"), ("Зразок", "zrazok")),
    ),
    Locale("GR", (("Ελένη", "eleni"), ("Γιώργος", "giorgos")), (("Παράδειγμα", "paradeigma"), ("Δοκιμή", "dokimi"))),
    Locale("KR", (("지우", "jiwoo"), ("민준", "minjun")), (("견본", "gyeonbon"), ("예시", "yesi"))),
    Locale("TH", (("สมชาย", "somchai"), ("มาลี", "malee")), (("ตัวอย่าง", "tuayang"),)),
    Locale("BR", (("João", "joao"), ("Conceição", "conceicao")), (("Exemplo", "exemplo"), ("Amostrão", "amostrao"))),
    Locale("GB", _same("Imogen", "Rhys", "Siobhan", "Alistair"), _same("Exampleton", "Trial-Smythe", "Sampler")),
    Locale("NL", _same("Sanne", "Daan", "Fenna"), (("van 't Voorbeeld", "vantvoorbeeld"), ("Monster", "monster"))),
    Locale("NO", (("Bjørg", "bjorg"), ("Håkon", "haakon")), (("Eksempelstø", "eksempelsto"), ("Prøve", "prove"))),
    Locale("TR", (("İpek", "ipek"), ("Gülşen", "gulsen")), (("Örnek", "ornek"), ("Şablon", "sablon"))),
)

FIRMS: Final = (
    *("Northwind", "Blauwal", "Kiyomizu", "Pinecrest", "Zephyr", "Ostsee", "Lumière", "Cobalt", "Alder", "Fjord"),
    *("Meridian", "Saffron", "Quarzwerk", "Halcyon", "Borealis", "Tamarind", "Vega", "Isar", "Marigold", "Onyx"),
)
TRADES: Final = ("Software", "Systems", "Logistics", "Labs", "Foods", "Bank", "Energy", "Robotics", "Media", "Health")
FORMS: Final = ("GmbH", "Inc.", "Ltd", "SA", "K.K.", "B.V.", "& Söhne KG", "株式会社", "LLC", "AB")

INDUSTRIES: Final = {
    "Software": 0.24,
    "Finance": 0.13,
    "IT services": 0.12,
    "SaaS": 0.08,
    "Manufacturing": 0.13,
    "Retail": 0.1,
    "Healthcare": 0.08,
    "Education": 0.06,
    "Logistics": 0.06,
}

TITLES: Final[dict[str, tuple[str, ...]]] = {
    "executive": (
        *("Chief Technology Officer", "CEO", "Founder", "CFO", "Chief Data Officer", "Gründer & CEO"),
        *("Co-Founder", "最高経営責任者 (CEO)"),
    ),
    "director": (
        "VP Sales",
        "Director of Operations",
        "Head of Growth",
        "VP Engineering",
        "Director, IT",
        "Head of Data",
    ),
    "manager": ("Marketing Manager", "Product Manager", "Sales Manager", "IT Manager", "Responsable marketing"),
    "individual": (
        *("Data Analyst", "Software Engineer", "Marketing Specialist", "Account Executive", "Consultant"),
        *("Ingénieur", "エンジニア", "Sachbearbeiter"),
    ),
    "student": ("Student", "Intern", "PhD candidate", "Werkstudentin"),
}

SOURCES: Final = (
    "ORGANIC_SEARCH",
    "PAID_SEARCH",
    "EMAIL_MARKETING",
    "SOCIAL_MEDIA",
    "REFERRALS",
    "DIRECT_TRAFFIC",
    "OFFLINE",
)
