"""Job titles as people write them, and their seniority."""

import polars as pl
import pytest

from meaning.titles import department, seniority

TITLES = {
    "owner": """
        Owner | Founder | Co-Founder & CEO | Cofounder | Business owner | Managing Partner | Partner | Senior Partner | Partner at Law LLP
        VP & Founder | Inhaber | Gründerin | Gesellschafter | Fondateur | Propietario | Fundadora | Socio | Proprietario | Titolare
        Eigenaar | Mede-oprichter | 創業者 | 创始人 | Freelancer | Owner/Operator | Self-employed
    """,
    "c-level": """
        CEO | C.E.O. | C.F.O | Chief Executive Officer | Chief Financial Officer | Chief Marketing Officer | CTO | CISO | CHRO
        President | Managing Director | Chairman | Board Member | Chief of Sales Officer | Geschäftsführer | Geschäftsführerin
        Vorstand | Vorstandsmitglied | Directeur Général | Directrice générale | PDG | Director General | Gerente General
        Consejera delegada | Diretor Executivo | Amministratore delegato | Algemeen directeur | 代表取締役社長 | 总经理 | 總裁
        CEO and VP Sales | President & Vice President | CTO (interim)
    """,
    "vp": """
        Vice President | Vice-President | SVP Operations | V.P. Sales | VP | EVP, Marketing | VP of Sales | AVP | Senior Vice President
        Assistant Vice President | Vizepräsident | Vicepresidente de ventas | Vice-présidente | 副社長 | 副总裁 | VicePresident
        RVP Sales EMEA
    """,
    "director": """
        Director | Sales Director | Director of Engineering | Art Director | Executive Director | Direktor | Directeur commercial
        Directrice Marketing | Directora de compras | Diretora | Direttore vendite | Prokurist | 总监 | Associate Director
        Assistant Director | Deputy Director
    """,
    "head": """
        Head of Sales | Head Of Marketing | Abteilungsleiter | Leiterin Vertrieb | Vertriebsleitung | Jefe de ventas | Responsabile HR
        General Manager | Country Manager | Hoofd Inkoop | 営業部長 | 负责人 | Deputy Head of IT | Chief of Staff | Chief Engineer
    """,
    "manager": """
        Marketing Manager | Product Manager | Student Success Manager | Team Lead | Teamleiter | Projektleiter | Supervisor
        Assistant Manager | Gerente de ventas | Coordenador | Chef de projet | Key Account Manager | 課長 | マネージャー | 经理
        Partner Manager | Student Affairs Manager | Internship Program Manager | Executive Assistant and Office Manager
    """,
    "senior": """
        Senior Engineer | Sr. Developer | Principal Consultant | Senior Product Owner | Solution Architect | 高级工程师
        Senior HR Business Partner
    """,
    "employee": """
        Product Owner | HR Business Partner | People Partner | Data Analyst | Engineer | Accountant | Software Developer | Consultant
        Account Executive | Buchhalter | Ingénieur | Process Owner | Founder's Associate | Lead Generation Specialist
        Management Consultant | Advisor to the CEO | Office of the CEO | Headhunter | エンジニア | 工程师 | Former CEO | Professor
        Finance Business Partner
    """,
    "assistant": """
        Assistant to the CEO | Executive Assistant | PA to the Managing Director | Executive Assistant to the President
        Assistentin der Geschäftsführung | Assistenz der Geschäftsleitung | Vorstandsassistentin | Assistante de direction
        Secretary to the Board | Asistente de dirección | Segretaria di direzione | Directiesecretaresse | 社長秘書 | 总裁助理
        Marketing Assistant | Assistant, Managing Director | Senior Executive Assistant | Office Clerk | Team Assistant
        EA to CEO
    """,
    "student": """
        Student | PhD Student | Intern | Marketing Intern | Intern to the CEO | Trainee Manager | Werkstudent Vertrieb | Praktikantin
        Auszubildender | Étudiante | Stagiaire marketing | Becario | Estagiária | Tirocinante | Stagiair | 学生 | 实习生
        Management Trainee | Apprentice
    """,
}
NO_TITLES = ("n/a", "-", "none", "x", "", "Unknown", "123")
DEPARTMENTS = {
    "marketing": "CMO | Head of Marketing | Demand Generation Manager | Marketingleiter | Directora de comunicación | 市场总监",
    "sales": "Sales Director | VP Sales | Account Executive | Vertriebsleiter | Directeur commercial | Gerente de ventas | 営業部長 | CRO",
    "finance": "CFO | Chief Financial Officer | Controller | Buchhalter | Comptable | 财务总监 | Leiter Rechnungswesen",
    "hr": "CHRO | HR Business Partner | Head of People | Recruiter | Personalreferent | Recursos Humanos | 人事部長",
    "it": "CIO | IT Manager | System Administrator | CISO | DSI | EDV-Leiter",
    "engineering": "CTO | Software Engineer | Head of Engineering | Softwareentwickler | Entwicklungsingenieur | Ingénieur",
    "product": "Product Manager | Product Owner | UX Designer | Produktmanager",
    "operations": "COO | Operations Manager | SVP Operations | Produktionsleiter | Logistics Manager",
    "procurement": "Head of Procurement | Einkäufer | Purchasing Manager | Acheteur | 采购经理",
    "legal": "General Counsel | Legal Counsel | Juristin | Avocat",
    "customer": "Customer Success Manager | Student Success Manager | Kundenservice",
    "management": "CEO | Owner | Founder | Geschäftsführer | Managing Director | PDG | 社長 | President",
}


def names(text: str) -> list[str]:
    return [name.strip() for line in text.strip().splitlines() for name in line.split("|")]


def levels(titles: list[str]) -> dict[str, str | None]:
    found = pl.DataFrame({"title": titles}).select(seniority(pl.col("title"), {})).to_series()
    return dict(zip(titles, found, strict=True))


def departments(titles: list[str]) -> dict[str, str | None]:
    found = pl.DataFrame({"title": titles}).select(department(pl.col("title"), {})).to_series()
    return dict(zip(titles, found, strict=True))


@pytest.mark.parametrize("level", TITLES)
def test_most_senior_true_reading_of_a_title_counts(level: str) -> None:
    titles = names(TITLES[level])
    assert levels(titles) == dict.fromkeys(titles, level)


def test_what_is_no_title_has_no_level() -> None:
    assert levels(list(NO_TITLES)) == dict.fromkeys(NO_TITLES)


@pytest.mark.parametrize("name", DEPARTMENTS)
def test_words_of_a_title_tell_the_department(name: str) -> None:
    titles = names(DEPARTMENTS[name])
    assert departments(titles) == dict.fromkeys(titles, name)


def test_values_of_hubspots_own_properties_are_known() -> None:
    """`hs_seniority` and `hs_role` have such values; a mapping can name them before the job title."""
    seniorities = {"owner": "owner", "executive": "c-level", "vp": "vp", "director": "director", "manager": "manager",
                   "senior": "senior", "entry": "employee", "partner": "owner"}  # fmt: skip
    assert levels(list(seniorities)) == seniorities
    roles = {"human_resources": "hr", "sales": "sales", "marketing": "marketing", "finance": "finance",
             "engineering": "engineering", "information_technology": "it", "operations": "operations"}  # fmt: skip
    assert departments(list(roles)) == roles


def test_own_words_go_before_the_shipped_ones() -> None:
    frame = pl.DataFrame({"title": ["Squad Captain", "Außendienst Nord"]})
    found = frame.select(
        seniority(pl.col("title"), {"head": ["squad captain"]}).alias("level"),
        department(pl.col("title"), {"field": ["aussendienst"]}).alias("department"),
    )
    assert found["level"].to_list() == ["head", "employee"]
    assert found["department"].to_list() == [None, "field"]
