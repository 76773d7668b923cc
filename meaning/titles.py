"""How senior a job title is, and the department that it belongs to, in several languages.

The most senior true reading of a title counts: "VP & Founder" is an owner. What only sounds senior is rewritten first
(`NOT_RANKS`): the assistant to a CEO is an assistant, a product owner owns no company.
Words are written as `folded` leaves them, and are patterns.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

import polars as pl

from meaning.words import ascii_words, by_distinct, folded, pattern

Words = Mapping[str, Sequence[str]]

LEVELS: Final = (
    "owner", "c-level", "vp", "director", "head", "manager", "senior", "employee", "assistant", "student"
)  # fmt: skip
"""The levels of seniority, the most senior first."""

_RANKS: Final = (
    r"(?:c[efimotpr]o|chro|ciso|chief|president|vp|vice|svp|evp|director|directors|head|managing|chair\w*"
    r"|founders?|owners?"
    r"|board|executives?|executive|manager|managers|management|partners?|geschaftsfuhr\w*|geschaftsleit\w*|vorstand\w*"
    r"|direction|direccion|direzione|directie|dg|pdg)"
)
_HELPERS: Final = (
    r"(?:assistants?|assistenz|assistent(?:e|in|en)?|asistentes?|assistentes?|secretar(?:y|ies|ia|io)|sekretar(?:in)?"
    r"|secretaire|segretari[ao]|secretaresse|pa|ea|aide|adviser|advisor|referent(?:in)?|intern|trainee"
    r"|werkstudent(?:in)?"
    r"|praktikant(?:in)?|stagiaire)"
)
_INDEED: Final = (
    r"(?:manager|director|vice|vp|head|principal|controller|superintendent|supervisor|treasurer|secretary general|dean"
    r"|lead|leiter\w*|geschaftsfuhr\w*|direktor\w*|directeur|directrice|director[a]?|gerente)"
)

NOT_RANKS: Final[Sequence[tuple[str, str]]] = (
    # Initials: c e o, v p.
    (r"\b([a-z]) ([a-z]) ([a-z]) ([a-z])\b", "$1$2$3$4"),
    (r"\b([a-z]) ([a-z]) ([a-z])\b", "$1$2$3"),
    (r"\b([a-hj-z]) ([a-hj-z])\b", "$1$2"),
    # No president, though the word is in it.
    (
        r"\b(?:[searg]vp|vice ?presidente?[as]?|vi[zc]eprasident(?:in)?)\b|副社長|副总裁|副總裁|副总经理|副總經理|副总",
        " vp ",
    ),
    # Somebody else's rank.
    (rf"\b{_RANKS} ?s? office\b.*", "office"),
    (rf"\boffice of (?:the )?{_RANKS}\b.*", "office"),
    (rf"\bto (?:the |our |an? )?(?:\w+ )?{_RANKS}\b.*", " "),
    (rf"\b({_HELPERS}) (?:of|for|fur|der|des|de|du|del|della|di|da|do|van|von|a la|au|bij) .*", "$1"),
    (rf"\b({_HELPERS}) (?:and )?(?:ceo|cfo|coo|cto|managing director|chairman|president)\b.*", "$1"),
    (rf"\b(?:former|formerly|ex|retired|ehemalig\w*|ancien(?:ne)?) (?:\w+ )?{_RANKS}\b", " "),
    (r"\bfounders? s? ?associate\b", "associate"),
    (r".*(?:秘書|秘书|助理)$", "assistant"),
    # Not ranks at all.
    (
        (
            r"\b(?:product|process|service|data|application|app|system|solution|project|program|epic|release"
            r"|site|platform"
            r"|domain|feature|content|risk|control|tool|backlog|delivery|technical|digital|scrum|it|asset"
            r"|business process)"
            r" owner\b"
        ),
        "specialist",
    ),
    (
        (
            r"\b(?:hr|human resources?|people|business|finance|financial|channel|technology|it|talent|client"
            r"|customer|sales"
            r"|alliance|strategic|data|growth|marketing|legal|procurement|implementation|delivery"
            r"|success) (?:business )?"
            r"partner\b"
        ),
        "specialist",
    ),
    (
        (
            r"\bpartner (account|sales|success|marketing|development|program|alliance|alliances|channel"
            r"|operations|enablement"
            r"|relations|relationship|engineer|engineering|solutions?|manager|director|support|experience"
            r"|growth|lead|head)\b"
        ),
        "$1",
    ),
    (
        (
            r"\b(?:students?|interns?|internship|trainees?|graduate|apprentice|apprenticeship|alumni|pupil)"
            r" (success|affairs|services?|support|engagement|recruit\w*|experience|life|advis\w*|counsel\w*"
            r"|relations|accounts?"
            r"|housing|union|council|enrol\w*|development|programs?|programmes?|coordinator|loans?|finance"
            r"|care|outcomes"
            r"|retention|records|admissions?|placement|employment|wellbeing|activities|training|school)\b"
        ),
        "$1",
    ),
    (r"\bhead(?: ?count| hunter)\b", "recruiter"),
    (r"\bmanagement (consultant|trainee|accountant|assistant|student|analyst|associate)\b", "$1"),
    (r"\b(?:team|projekt|gruppen|schicht|bau|filial|markt)leiter(?:in)?\b", "manager"),
    (r"\bchef(?:fe)? (?:de|du) (?:projet|produit|rayon|equipe|groupe)\b", "manager"),
    (r"\blead (?:generation|gen|development|qualification|nurturing|management)\b", " "),
    # An assistant manager manages, and a deputy head is close to one.
    (
        (
            rf"\b(?:assistant|asst|associate|deputy|interim|acting|stellvertretende[rn]?|stellv|adjoint|vize) "
            rf"((?:\w+ )?{_INDEED})\b"
        ),
        "$1",
    ),
)
"""Rewrites of a folded title, one after the other."""

SENIORITY: Final[Mapping[str, Words]] = {
    "owner": {
        "en": (
            "(co ?)?(owner|founder|proprietor)s?",
            "(managing|senior|general|founding|equity|name|law) partners?",
            "^partner",
            "partner$",
            "entrepreneur",
            "self employed",
            "freelance(r)?",
        ),
        "de": ("(mit)?(inhaber|grunder|gesellschafter|eigentumer)(in)?", "selbst(st)?andige?r?", "freiberufler(in)?"),
        "fr": ("(co ?)?fondat(eur|rice)", "proprietaire", "associee? gerante?", "gerante? associee?", "entrepreneure?"),
        "es": (
            "(co ?)?fundador(a)?",
            "propietari[oa]",
            "duen[oa]",
            "soci[oa]( \\w+)?",
            "emprendedor(a)?",
            "autonom[oa]",
        ),
        "pt": ("proprietari[oa]", "don[oa]", "socio fundador", "empresari[oa]", "empreendedor(a)?"),
        "it": ("(co ?)?fondat(ore|rice)", "titolare", "imprenditore", "libero professionista"),
        "nl": ("(mede ?)?(eigenaar|eigenares|oprichter)", "ondernemer", "zzp(er)?"),
        "ja": ("創業者", "オーナー", "個人事業主"),
        "zh": ("创始人", "創始人", "創辦人", "合伙人", "合夥人", "老板", "企业主"),
    },
    "c-level": {
        "en": (
            "c(e|f|t|o|m|i|r|p|s|d|c|l|a)o",
            "ch(r|c)o",
            "ciso",
            "cxo",
            "cx o",
            "president",
            "managing director",
            "chief (\\w+ ){1,3}officer",
            (
                "chief (executive|operating|operations|financial|finance|technology|technical|marketing"
                "|information|revenue"
                "|product|people|commercial|digital|data|security|strategy|legal|medical|scientific|growth"
                "|customer|sales"
                "|administrative|risk|compliance|sustainability|innovation|ai|human resources)"
            ),
            "chair(man|woman|person)?",
            "board member",
            "member of the board",
            "^executives?$",
            "c level",
            "c suite",
        ),
        "de": (
            "(haupt)?geschaftsfuhr(er|erin|ung|end\\w*)",
            "geschaftsleit(er|erin|ung)",
            "vorstand(in|svorsitzende\\w*|smitglied|svorsitz)?",
            "aufsichtsrat\\w*",
            "prasident(in)?",
            "gf",
            "direktionsvorsitzende\\w*",
        ),
        "fr": ("direct(eur|rice) generale?", "pdg", "dg", "presidente?", "gerante?", "daf", "drh", "dsi"),
        "es": (
            "director(a)? (general|ejecutiv[oa]|gerente)",
            "consejer[oa] delegad[oa]",
            "gerente general",
            "presidente?a?",
        ),
        "pt": ("diretor(a)? (geral|executiv[oa]|presidente|financeir[oa])",),
        "it": ("amministrat(ore|rice) (delegat[oa]|unic[oa])", "dirett(ore|rice) generale"),
        "nl": ("algemeen directeur", "bestuurder", "(bestuurs|directie)voorzitter", "directeur eigenaar"),
        "ja": ("社長", "代表", "最高.{2,6}責任者", "取締役", "会長", "専務", "常務", "執行役員"),
        "zh": ("总裁", "總裁", "总经理", "總經理", "首席", "董事", "执行长", "執行長", "行长", "财务长"),
    },
    "vp": {
        "en": ("vp",),
    },
    "director": {
        "en": ("directors?", "dir"),
        "de": ("direktor(in)?", "prokurist(in)?"),
        "fr": ("direct(eur|rice)s?", "directeur (adjoint|commercial)"),
        "es": ("director(a|es)?", "subdirector(a)?"),
        "pt": ("diretor(a)?",),
        "it": ("dirett(ore|rice)", "dirigente"),
        "ja": ("ディレクター", "本部長"),
        "zh": ("总监", "總監", "处长"),
    },
    "head": {
        "en": ("heads?", "general manager", "country manager", "gm", "chief", "dean", "superintendent"),
        "de": ("\\w*leiter(in)?", "\\w*leitung", "chefin", "abteilungschef", "ressortleiter"),
        "fr": ("chef(fe)? (de|du) (service|departement|division)", "responsable"),
        "es": ("jef[ea]( \\w+)?", "responsable"),
        "pt": ("chefe", "superintendente"),
        "it": ("responsabile", "cap[oa]( \\w+)?"),
        "nl": ("hoofd", "afdelingshoofd"),
        "ja": ("部長", "室長", "局長", "所長"),
        "zh": ("负责人", "負責人", "部长", "部長", "主管"),
    },
    "manager": {
        "en": ("managers?", "mgr", "supervisor", "(team |tech |squad |group )?lead(er)?", "foreman", "coordinator"),
        "de": ("\\w*manager(in)?", "\\w*koordinator(in)?", "meister(in)?"),
        "fr": ("manageur", "encadrant", "coordinat(eur|rice)"),
        "es": ("gerente", "encargad[oa]", "coordinador(a)?"),
        "pt": ("coordenador(a)?", "gestor(a)?"),
        "it": ("coordinat(ore|rice)", "gestore"),
        "nl": ("(team|afdelings)leider", "leidinggevende", "coordinator"),
        "ja": ("課長", "マネージャー", "マネジャー", "係長", "リーダー"),
        "zh": ("经理", "經理", "组长", "課長"),
    },
    "senior": {
        "en": ("senior", "snr", "sr", "principal", "staff engineer", "expert", "architect", "fellow"),
        "de": ("experte", "expertin"),
        "fr": ("experte?", "confirmee?"),
        "pt": ("especialista senior",),
        "ja": ("シニア", "主任", "主査"),
        "zh": ("高级", "高級", "资深", "資深", "专家"),
    },
    "assistant": {
        "en": ("assistants?", "asst", "secretar(y|ies)", "pa", "ea", "receptionist", "clerk", "office administrator"),
        "de": ("\\w*assistent(in|en)?", "\\w*assistenz", "\\w*sekretar(in)?", "sachbearbeiter(in)?"),
        "fr": ("assistante?s?", "secretaires?"),
        "es": ("asistentes?", "secretari[oa]", "auxiliar"),
        "pt": ("assistentes?", "auxiliar"),
        "it": ("assistente", "segretari[oa]"),
        "nl": ("assistente?", "\\w*secretaresse", "secretaris"),
        "ja": ("秘書", "アシスタント"),
        "zh": ("助理", "秘书", "秘書"),
    },
    "student": {
        "en": (
            "students?",
            "interns?",
            "internship",
            "trainees?",
            "apprentices?",
            "undergraduate",
            "ph ?d candidate",
            "pupil",
            "student worker",
            "co op",
        ),
        "de": (
            "(werk)?student(in|en)?",
            "studierende[rn]?",
            "praktikant(in)?",
            "azubi",
            "auszubildende[rn]?",
            "schuler(in)?",
            "doktorand(in)?",
            "volontar(in)?",
        ),
        "fr": ("etudiante?s?", "stagiaires?", "alternante?", "apprentie?"),
        "es": ("estudiantes?", "becari[oa]", "practicante", "pasante"),
        "pt": ("estudantes?", "estagiari[oa]", "aprendiz"),
        "it": ("studente(ssa)?", "studenti", "stagista", "tirocinante", "apprendista"),
        "nl": ("studente?", "stagiaire?", "leerling"),
        "ja": ("学生", "インターン", "大学院生"),
        "zh": ("学生", "學生", "实习", "實習", "研究生"),
    },
}
"""Words of each level. A title without any of them is an `employee`."""

_ORDER: Final = ("owner", "student", "c-level", "vp", "director", "head", "manager", "assistant", "senior")
"""The order in which levels are tried.

A student goes before ranks, because a "Trainee Manager" does not decide; a senior assistant is an assistant.
"""

DEPARTMENTS: Final[Mapping[str, Words]] = {
    "marketing": {
        "en": (
            "marketing",
            "cmo",
            "brand(ing)?",
            "demand gen(eration)?",
            "growth",
            "content",
            "seo",
            "communications?",
            "public relations",
            "pr",
            "advertising",
            "social media",
            "copywriter",
            "media",
        ),
        "de": ("\\w*marketing\\w*", "kommunikation", "werbung", "offentlichkeitsarbeit"),
        "fr": ("communication", "publicite", "mercatique"),
        "es": ("mercadeo", "mercadotecnia", "comunicacion", "publicidad"),
        "pt": ("comunicacao", "publicidade"),
        "it": ("comunicazione", "pubblicita"),
        "nl": ("communicatie",),
        "ja": ("マーケティング", "宣伝", "広報"),
        "zh": ("市场", "市場", "营销", "行銷", "品牌"),
    },
    "customer": {
        "en": (
            "customer (success|support|service|care|experience|operations)",
            "client (success|services)",
            "support",
            "service desk",
            "help ?desk",
            "cco",
            "student success",
            "onboarding",
            "customer",
        ),
        "de": ("kundenservice", "kundendienst", "kundenbetreu(er|erin|ung)", "kundenerfolg"),
        "fr": ("relation client(s|ele)?", "service clients?"),
        "es": ("atencion al cliente", "servicio al cliente", "soporte"),
        "pt": ("atendimento", "suporte", "sucesso do cliente"),
        "it": ("assistenza clienti", "servizio clienti"),
        "nl": ("klantenservice",),
        "ja": ("カスタマー", "サポート"),
        "zh": ("客户", "客戶", "客服"),
    },
    "sales": {
        "en": (
            "sales",
            "account (executive|manager|director)",
            "business development",
            "revenue",
            "cro",
            "cso",
            "sdr",
            "bdr",
            "bdm",
            "commercial",
            "key account",
            "presales",
            "channel",
            "partnerships?",
            "alliances?",
        ),
        "de": ("\\w*vertrieb\\w*", "\\w*verkauf\\w*", "aussendienst", "innendienst"),
        "fr": ("commerciale?s?", "ventes?"),
        "es": ("ventas", "comercial(es)?", "vendedor(a)?"),
        "pt": ("vendas", "vendedor(a)?"),
        "it": ("vendite", "commerciale"),
        "nl": ("verkoop", "verkoper", "commercieel"),
        "ja": ("営業", "セールス"),
        "zh": ("销售", "銷售", "业务", "業務"),
    },
    "finance": {
        "en": (
            "financ(e|ial)",
            "cfo",
            "account(ing|ant)s?",
            "controll(er|ing)",
            "treasur(y|er)",
            "tax",
            "audit(or)?",
            "payroll",
            "bookkeep(er|ing)",
            "accounts (payable|receivable)",
        ),
        "de": ("finanz\\w*", "buchhalt(er|erin|ung)", "rechnungswesen", "steuer\\w*", "kaufmannische\\w*"),
        "fr": ("financ(e|es|iere?)", "comptab(le|ilite)", "daf", "tresorerie"),
        "es": ("finan(zas|ciero|ciera)", "contab(le|ilidad)", "contador(a)?", "tesoreria"),
        "pt": ("financeir[oa]", "financas", "contabilidade"),
        "it": ("finanz(a|iario)", "contabil(e|ita)", "amministrazione"),
        "nl": ("financien", "financieel", "boekhoud(er|ing)"),
        "ja": ("財務", "経理", "会計"),
        "zh": ("财务", "財務", "会计", "會計", "金融"),
    },
    "hr": {
        "en": (
            "hr",
            "human (resources?|capital)",
            "people",
            "talent",
            "recruit(er|ing|ment)",
            "chro",
            "hrbp",
            "learning",
            "training",
            "compensation",
        ),
        "de": ("personal\\w*", "ausbildung"),
        "fr": ("rh", "ressources humaines", "drh", "recrutement"),
        "es": ("rr ?hh", "recursos humanos", "seleccion"),
        "pt": ("recursos humanos", "gente e gestao"),
        "it": ("risorse umane", "personale"),
        "nl": ("personeel(szaken)?", "p o"),
        "ja": ("人事", "採用"),
        "zh": ("人力", "人事", "招聘"),
    },
    "it": {
        "en": (
            "it",
            "information (technology|systems|security)",
            "cio",
            "ciso",
            "systems? (admin\\w*|engineer)",
            "sysadmin",
            "network",
            "infrastructure",
            "security",
            "cyber\\w*",
            "database",
            "helpdesk",
            "crm",
            "salesforce",
            "admin(istrator)?",
        ),
        "de": ("edv", "informatik\\w*", "systemadministrator(in)?"),
        "fr": ("dsi", "informatique", "systemes? d information"),
        "es": ("sistemas", "informatica", "ti"),
        "pt": ("sistemas de informacao",),
        "it": ("sistemi informativi",),
        "nl": ("automatisering", "systeembeheer(der)?", "ict"),
        "ja": ("情報システム", "システム"),
        "zh": ("信息", "資訊", "网络", "系统"),
    },
    "product": {
        "en": ("product", "ux", "ui", "user experience", "design(er)?", "creative"),
        "de": ("produkt(e|manage\\w*|leit\\w*|design\\w*|linie\\w*)?", "gestaltung"),
        "fr": ("produits?", "conception"),
        "es": ("productos?", "diseno"),
        "pt": ("produtos?", "desenho"),
        "it": ("prodott[oi]",),
        "nl": ("ontwerp(er)?",),
        "ja": ("プロダクト", "製品", "デザイン"),
        "zh": ("产品", "產品", "设计", "設計"),
    },
    "engineering": {
        "en": (
            "engineer(ing|s)?",
            "developer",
            "development",
            "software",
            "cto",
            "technolog(y|ies)",
            "technical",
            "architect",
            "devops",
            "programmer",
            "data",
            "r d",
            "rd",
            "research",
            "scientist",
            "machine learning",
            "ai",
            "qa",
            "quality assurance",
        ),
        "de": ("\\w*ingenieur(in)?", "\\w*entwickl(er|erin|ung)", "technik(er)?", "forschung", "technische\\w*"),
        "fr": ("ingenieure?", "developpe(ur|use|ment)", "technique", "recherche"),
        "es": ("ingenier(o|a|ia)", "desarroll(o|ador|adora)", "tecnolog(ia|ico)", "tecnic[oa]"),
        "pt": ("engenh(eiro|eira|aria)", "desenvolv(edor|edora|imento)", "tecnologia"),
        "it": ("ingegner(e|ia)", "sviluppa(tore|trice)", "sviluppo", "tecnic[oa]"),
        "nl": ("ontwikkel(aar|ing)", "technisch", "techniek", "onderzoek"),
        "ja": ("エンジニア", "開発", "技術", "研究"),
        "zh": ("工程", "研发", "研發", "开发", "技术", "技術"),
    },
    "procurement": {
        "en": ("procurement", "purchas(e|er|ing)", "buyer", "sourcing", "supply chain", "category manager", "vendor"),
        "de": ("\\w*einkauf\\w*", "einkaufer(in)?", "beschaffung"),
        "fr": ("achats?", "acheteu(r|se)", "approvisionnement"),
        "es": ("compras", "comprador(a)?", "abastecimiento"),
        "pt": ("suprimentos", "aquisicao"),
        "it": ("acquisti", "approvvigionamento"),
        "nl": ("inkoop", "inkoper"),
        "ja": ("購買", "調達"),
        "zh": ("采购", "採購", "供应链"),
    },
    "legal": {
        "en": ("legal", "counsel", "lawyer", "attorney", "compliance", "paralegal", "privacy", "clo", "contracts?"),
        "de": ("recht", "rechtsabteilung", "jurist(in)?", "rechtsanwalt", "rechtsanwaltin", "datenschutz\\w*"),
        "fr": ("juridique", "juriste", "avocate?"),
        "es": ("abogad[oa]", "juridic[oa]"),
        "pt": ("advogad[oa]",),
        "it": ("avvocat[oa]", "giuridic[oa]", "legale"),
        "nl": ("juridisch", "jurist", "advocaat"),
        "ja": ("法務",),
        "zh": ("法务", "法務", "律师"),
    },
    "operations": {
        "en": (
            "operations?",
            "ops",
            "coo",
            "logistics",
            "production",
            "manufacturing",
            "warehouse",
            "quality",
            "plant",
            "project",
            "program",
            "pmo",
            "facilities",
            "process",
            "delivery",
        ),
        "de": ("betrieb\\w*", "logistik", "produktion\\w*", "fertigung", "lager", "projekt\\w*", "qualitat\\w*"),
        "fr": ("exploitation", "logistique", "operations", "projets?", "qualite"),
        "es": ("operacion(es)?", "logistica", "produccion", "calidad", "proyectos?"),
        "pt": ("operac(ao|oes)", "producao", "qualidade", "projetos?"),
        "it": ("operazioni", "produzione", "qualita", "progett[oi]"),
        "nl": ("productie", "logistiek", "kwaliteit"),
        "ja": ("生産", "製造", "物流", "品質"),
        "zh": ("运营", "營運", "生产", "物流", "质量", "项目"),
    },
    "education": {
        "en": ("teach(er|ing)", "professor", "lecturer", "school", "university", "student", "faculty", "education"),
        "de": ("lehrer(in)?", "professor(in)?", "dozent(in)?", "werkstudent(in)?", "schul\\w*"),
        "fr": ("enseignante?", "professeure?"),
        "es": ("profesor(a)?", "docente"),
        "nl": ("docent(e)?", "leraar"),
        "ja": ("教授", "教師", "先生", "学生"),
        "zh": ("教授", "老师", "教师", "学生"),
    },
    "management": {
        "en": (
            "ceo",
            "president",
            "founder",
            "owner",
            "managing director",
            "general manager",
            "chair\\w*",
            "board",
            "management",
            "strategy",
            "executive officer",
            "partner",
        ),
        "de": ("geschaftsfuhr\\w*", "geschaftsleit\\w*", "inhaber(in)?", "grunder(in)?", "vorstand\\w*"),
        "fr": ("pdg", "dg", "gerante?", "fondat(eur|rice)", "direct(eur|rice) generale?", "direction"),
        "es": ("director(a)? general", "gerente general", "fundador(a)?", "propietari[oa]"),
        "pt": ("diretor(a)? geral", "socio", "direcao"),
        "it": ("amministrat(ore|rice)", "titolare", "direzione"),
        "nl": ("eigenaar", "directie", "oprichter"),
        "ja": ("社長", "代表", "経営"),
        "zh": ("总裁", "总经理", "總經理", "董事", "创始人"),
    },
}
"""Words of each department; the first department with a word in the title counts."""

_NO_TITLE: Final = r"^(?:n a|na|none|null|unknown|test|x+|other|\p{L}?|\d*)$"


def seniority(title: pl.Expr, own: Mapping[str, Sequence[str]]) -> pl.Expr:
    """Return the level of a job title; null where there is none."""
    terms = [(level, pattern(own[level])) for level in LEVELS if own.get(level)]
    terms += [(level, _pattern(SENIORITY[level])) for level in _ORDER]

    def tell(titles: pl.DataFrame) -> pl.DataFrame:
        words = titles.select(folded(pl.col("text")).alias("words"))
        ranks = words.select(pl.when(~pl.col("words").str.contains(_NO_TITLE)).then("words"))
        for found, instead in _rewrites():
            ranks = ranks.with_columns(pl.col("words").str.replace_all(found, instead))
        return ranks.select(_first(terms).fill_null(pl.when(pl.col("words").is_not_null()).then(pl.lit("employee"))))

    return by_distinct(title, tell)


def department(title: pl.Expr, own: Mapping[str, Sequence[str]]) -> pl.Expr:
    """Return the department of a job title; null where no word tells."""
    terms = [(name, pattern(words)) for name, words in own.items()]
    terms += [(name, _pattern(words)) for name, words in DEPARTMENTS.items()]
    return by_distinct(title, lambda titles: titles.select(folded(pl.col("text")).alias("words")).select(_first(terms)))


def _first(terms: Sequence[tuple[str, str]]) -> pl.Expr:
    found = [pl.when(pl.col("words").str.contains(pattern)).then(pl.lit(name)) for name, pattern in terms]
    return pl.coalesce(found).alias("told")


@cache
def _rewrites() -> Sequence[tuple[str, str]]:
    spaces = [(" +", " "), ("^ | $", "")]
    return [*((ascii_words(found), instead) for found, instead in NOT_RANKS), *spaces]


def _pattern(words: Words) -> str:
    return pattern(term for terms in words.values() for term in terms)
