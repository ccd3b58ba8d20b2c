"""The public-service survey as it is declared: the form's questions and answers with their labels, and its exports.

`scripts/build_survey_form.py` builds the XLSForm from the form, the format knows the headers of its exports from it,
and the records read its answers by it. A changed label here changes all three; keep the old label as a further
spelling in the format's columns if exports with it are still to be read.
"""

from dataclasses import dataclass

from pipeline.declare.codes import SERVICE_ITEMS, Absence, Kind, ServiceState
from pipeline.declare.formats import FileFormat
from pipeline.declare.sources import Source
from pipeline.declare.terms import ANSWER_TERMS

FORM_ID = "public_service_survey"
FORM_VERSION = "1"
FORM_TITLE = "Public services by township"
ENGLISH, BURMESE = "English (en)", "Burmese (my)"
ANSWER_LIST, UNIT_LIST, TOWNSHIP_LIST, INFORMANT_LIST = "answer", "unit", "township", "informant"


@dataclass(frozen=True)
class Label:
    en: str
    my: str


@dataclass(frozen=True)
class Question:
    """`type` is XLSForm's; `filter` the choice_filter of a list that depends on another answer."""

    name: str
    type: str
    group: str
    label: Label
    hint: Label | None = None
    filter: str = ""
    constraint: str = ""
    message: Label | None = None


GROUPS: dict[str, Label] = {
    "place": Label("When and where", "ဘယ်အချိန်၊ ဘယ်နေရာ"),
    "services": Label("Services in the township", "မြို့နယ်အတွင်း ဝန်ဆောင်မှုများ"),
}
PRIVACY = Label(
    "Do not write the name of any person, village, building or site anywhere in this form.",
    "ဤပုံစံတွင် မည်သူ၏အမည်၊ ရွာအမည်၊ အဆောက်အအုံအမည် သို့မဟုတ် နေရာအမည်ကိုမျှ မရေးပါနှင့်။",
)
ANSWERS: dict[ServiceState, Label] = {
    ServiceState.YES: Label("Yes", "ဟုတ်ကဲ့"),
    ServiceState.PARTIAL: Label("Partly", "တစ်စိတ်တစ်ပိုင်း"),
    ServiceState.NO: Label("No", "မဟုတ်ပါ"),
    ServiceState.UNKNOWN: Label("Not known", "မသိပါ"),
}
INFORMANTS: dict[str, Label] = {
    "resident": Label("Resident", "ဒေသခံ"),
    "official": Label("Present or former official", "ဝန်ထမ်း သို့မဟုတ် ဝန်ထမ်းဟောင်း"),
    "organisation": Label("Member of an organisation", "အဖွဲ့အစည်းဝင်"),
    "media": Label("Media", "မီဒီယာ"),
    "other": Label("Other", "အခြား"),
}


def _item(name: str, label: Label, hint: Label) -> Question:
    return Question(name, f"select_one {ANSWER_LIST}", "services", label, hint)


QUESTIONS: tuple[Question, ...] = (
    Question(
        "survey_date",
        "date",
        "place",
        Label("Day that the answers are about", "အဖြေများ သက်ဆိုင်သည့်နေ့"),
        constraint=". <= today()",
        message=Label("The day cannot lie in the future.", "နောင်လာမည့်နေ့ မဖြစ်ရပါ။"),
    ),
    Question(
        "adm1_pcode",
        f"select_one {UNIT_LIST}",
        "place",
        Label("State or region", "ပြည်နယ် သို့မဟုတ် တိုင်းဒေသကြီး"),
    ),
    Question(
        "adm3_pcode",
        f"select_one {TOWNSHIP_LIST}",
        "place",
        Label("Township", "မြို့နယ်"),
        filter="adm1=${adm1_pcode}",
    ),
    Question(
        "informant_kind",
        f"select_one {INFORMANT_LIST}",
        "place",
        Label("What kind of informant (no name)", "သတင်းပေးသူ အမျိုးအစား (အမည် မရေးရ)"),
    ),
    _item(
        "police_station",
        Label("Is the township police station open?", "မြို့နယ်ရဲစခန်း ဖွင့်ထားပါသလား။"),
        Label(
            "Yes: open and doing its work. Partly: open on some days or for some work only. No: closed, abandoned or "
            "used only as a military post.",
            "ဟုတ်ကဲ့ - ဖွင့်ထားပြီး အလုပ်လုပ်သည်။ တစ်စိတ်တစ်ပိုင်း - တချို့ရက် သို့မဟုတ် တချို့အလုပ်သာ လုပ်သည်။ "
            "မဟုတ်ပါ - ပိတ်ထားသည်၊ စွန့်ခွာထားသည် သို့မဟုတ် စစ်စခန်းအဖြစ်သာ သုံးသည်။",
        ),
    ),
    _item(
        "gad_office",
        Label(
            "Is the General Administration Department office open?",
            "အထွေထွေအုပ်ချုပ်ရေးဦးစီးဌာနရုံး ဖွင့်ထားပါသလား။",
        ),
        Label(
            "Yes: open and serving the public. Partly: open on some days or for some services only. No: closed or "
            "moved out of the township.",
            "ဟုတ်ကဲ့ - ဖွင့်ထားပြီး ပြည်သူကို ဝန်ဆောင်မှုပေးသည်။ တစ်စိတ်တစ်ပိုင်း - တချို့ရက် သို့မဟုတ် တချို့ဝန်ဆောင်မှုသာ ပေးသည်။ "
            "မဟုတ်ပါ - ပိတ်ထားသည် သို့မဟုတ် မြို့နယ်ပြင်ပသို့ ရွှေ့ထားသည်။",
        ),
    ),
    _item(
        "electricity",
        Label("Is public electricity available?", "အများသုံးလျှပ်စစ်မီး ရပါသလား။"),
        Label(
            "Yes: as usual before the conflict. Partly: some hours or some parts of the township only. No: none for "
            "weeks. Private solar or generators do not count.",
            "ဟုတ်ကဲ့ - ပဋိပက္ခမတိုင်မီကကဲ့သို့ ရသည်။ တစ်စိတ်တစ်ပိုင်း - တချို့အချိန် သို့မဟုတ် မြို့နယ်၏ တချို့နေရာတွင်သာ ရသည်။ "
            "မဟုတ်ပါ - ရက်သတ္တပတ်များစွာ မရပါ။ ကိုယ်ပိုင် ဆိုလာနှင့် မီးစက်များ မပါဝင်ပါ။",
        ),
    ),
    _item(
        "water_supply",
        Label("Is public water supply available?", "အများသုံးရေပေးဝေမှု ရပါသလား။"),
        Label(
            "Yes: as usual before the conflict. Partly: some hours or some parts of the township only. No: none for "
            "weeks. Private wells do not count.",
            "ဟုတ်ကဲ့ - ပဋိပက္ခမတိုင်မီကကဲ့သို့ ရသည်။ တစ်စိတ်တစ်ပိုင်း - တချို့အချိန် သို့မဟုတ် မြို့နယ်၏ တချို့နေရာတွင်သာ ရသည်။ "
            "မဟုတ်ပါ - ရက်သတ္တပတ်များစွာ မရပါ။ ကိုယ်ပိုင်ရေတွင်းများ မပါဝင်ပါ။",
        ),
    ),
    _item(
        "salaries",
        Label("Are officials still paid their salaries?", "ဝန်ထမ်းများ လစာ ရနေဆဲဖြစ်ပါသလား။"),
        Label(
            "Yes: in full and on time. Partly: late, in part, or only some offices. No: not paid for two months or "
            "more.",
            "ဟုတ်ကဲ့ - အပြည့်အဝ၊ အချိန်မှန် ရသည်။ တစ်စိတ်တစ်ပိုင်း - နောက်ကျသည်၊ တစ်ဝက်တစ်ပျက်သာ ရသည် သို့မဟုတ် တချို့ရုံးများသာ ရသည်။ "
            "မဟုတ်ပါ - နှစ်လနှင့်အထက် မရပါ။",
        ),
    ),
)

# Label of an answer, as `records.parsing.term` writes it, -> what it means; in both languages.
ANSWER_LABELS: dict[str, ServiceState] = {
    text.casefold().replace(" ", "_"): state for state, label in ANSWERS.items() for text in (label.en, label.my)
}


def spellings(question: Question) -> tuple[str, ...]:
    """Every header an export can give a question: name or label, alone or behind its group with "/" or "-"."""
    group = GROUPS[question.group]
    forms = [(question.group, question.name), (group.en, question.label.en), (group.my, question.label.my)]
    return tuple(
        dict.fromkeys(spelled for outer, inner in forms for spelled in (inner, f"{outer}/{inner}", f"{outer}-{inner}"))
    )


# The export of data/reference/public_service_survey.xlsx from KoboToolbox or ODK: names or labels of the
# questions, with or without their group; the server's own columns begin with an underscore or with "meta".
# ODK writes the id of a submission twice, so the second has a column of its own.
SURVEY = Source(
    key="survey_services",
    title="Public-service survey of the operating team",
    provider="the team that asked",
    licence="not stated",
    citation="Answers to the public-service form, collected by the operating team.",
    cadence="as collected",
    absence_means=Absence.UNKNOWN,
    absence_why="A township where nobody was asked is unknown.",
    rows_may_be_passed_on=False,
    formats=(
        FileFormat(
            "survey_services",
            Kind.SERVICES,
            {
                **{question.name: spellings(question) for question in QUESTIONS},
                "uuid": ("_uuid", "KEY", "__id"),
                "instance_id": ("meta/instanceID", "meta-instanceID", "instanceID"),
                "submission_time": ("_submission_time", "SubmissionDate", "__system/submissionDate"),
                "validation_status": ("_validation_status", "ReviewState"),
            },
            required=("survey_date", "adm3_pcode", "uuid", "submission_time"),
            any_of=SERVICE_ITEMS,
            versioned=tuple(question.name for question in QUESTIONS),
            terms={**ANSWER_TERMS, "validation_status": ("approved", "not_approved", "on_hold")},
        ),
    ),
)
