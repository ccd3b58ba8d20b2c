"""The parties that the names of actors stand for, so that two sources' names for one party can be told to be one.

Declared by pattern, because every source spells and abbreviates in its own way. Only for finding candidates of the
same event: no name of an actor, and no party, is ever part of a release. Not here: who fought whom, where or how often.
"""

from dataclasses import dataclass

# Names of those who fight the state contain its name: "anti-junta forces" are not the junta's.
AGAINST_THE_STATE = r"anti[- ]?(junta|regime|military|sac|coup)\w*"
AGAINST_REPLACED_BY = "resistance"


@dataclass(frozen=True)
class Party:
    """`pattern` is searched in the lower-case name without full stops; regular expressions of the Rust kind."""

    key: str
    pattern: str
    examples: tuple[str, ...]


# A name that no pattern finds is unknown, and so are civilians: they are nobody's forces. Local defence forces are one
# party: sources name the same group by its town, by its number or by the National Unity Government alone.
PARTIES: tuple[Party, ...] = (
    Party(
        "state_forces",
        r"government of (myanmar|burma)|(military|police|security) forces|myanmar (military|army|air force|navy|police)"
        r"|\bjunta\b|tatmadaw|\bsac\b|state administration council|military council|regime (forces|troops)|"
        r"\bbgf\b|border guard force|people'?s? militia|pyu ?saw ?htee|တပ်မတော်|စစ်ကောင်စီ|စစ်တပ်|ပျူစောထီး",
        ("Government of Myanmar (Burma)", "Military Forces of Myanmar (2021-)", "Police Forces of Myanmar", "SAC"),
    ),
    Party(
        "resistance",
        r"\b[plb]df'?s?\b|\bpdt\b|\bnug\b|national unity government|defen[cs]e (force|team)|resistance|guerr?ill?a|"
        r"\bk?ndf\b|revolution|ပီဒီအက်ဖ်|ကာကွယ်ရေး|တော်လှန်ရေး",
        ("NUG", "People's Defense Force - Yangon", "PDFs", "Chinland Defence Force", "anti-junta forces"),
    ),
    Party("kio", r"\bki[oa]\b|kachin independence", ("KIO", "KIO/KIA: Kachin Independence Army")),
    Party("knu", r"\bkn(u|la|do)\b|karen national (union|liberation|defen[cs]e)", ("KNU/KNLA", "KNDO")),
    Party("dkba", r"\bdkba\b|democratic karen", ("DKBA", "Democratic Karen Benevolent Army")),
    Party("knpp", r"\bknpp\b|karenni (national progressive|army)", ("KNPP", "Karenni Army")),
    Party("ula", r"\bula\b|\baa\b|arakan army|united league of arakan", ("ULA", "ULA/AA", "Arakan Army")),
    Party(
        "pslf", r"\bpslf\b|\btnla\b|palaung state|ta'?ang national", ("PSLF", "TNLA", "Ta'ang National Liberation Army")
    ),
    Party(
        "mndaa",
        r"\bmndaa\b|\bmntjp\b|myanmar national (democratic alliance|truth)",
        ("MNDAA", "Myanmar National Democratic Alliance Army"),
    ),
    Party("ndaa", r"\bndaa\b|^national democratic alliance", ("NDAA", "National Democratic Alliance Army")),
    Party("rcss", r"\brcss\b|\bssa[- ]?s\b|restoration council of shan", ("RCSS/SSA-S", "RCSS")),
    Party("sspp", r"\bsspp\b|\bssa[- ]?n\b|shan state progress", ("SSPP/SSA-N", "SSPP")),
    Party("uwsa", r"\buws[ap]\b|united wa state", ("UWSA", "United Wa State Army")),
    Party("cnf", r"\bcn[fa]\b|chin national (front|army)", ("CNF", "CNA/CNF")),
    Party("nmsp", r"\bnmsp\b|\bmnla\b|new mon state|mon national liberation", ("NMSP", "New Mon State Party")),
    Party("pnlo", r"\bpnlo\b|\bpnla\b|pa-?o national liberation", ("PNLO", "Pa-O National Liberation Army")),
    Party("alp", r"\balp\b|arakan liberation", ("ALP", "Arakan Liberation Party")),
    Party("absdf", r"\babsdf\b|students'? democratic front", ("ABSDF", "All Burma Students' Democratic Front")),
    Party("arsa", r"\barsa\b|rohingya salvation", ("ARSA", "Arakan Rohingya Salvation Army")),
)
