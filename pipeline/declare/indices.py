"""What an index is, as data: its classes in order of severity, what its class is made from, what is summed of it.

Each rule stays a plain function in pipeline/indices/<name>.py; colours and words stand in reports/draw/symbology.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.declare.codes import HumanitarianClass, IndexName, SecurityClass, ServicesClass
from pipeline.declare.methods import Method


@dataclass(frozen=True)
class IndexSpec:
    """`classes` are all codes of the index's class, `order` those that can be compared, the worst one last.

    `title` is its name on pages and maps. `quantity` is the published figure that the class is made from; `counted`
    says which column of the summaries counts which class.

    `cut` names the field of a method from which on the quantity gives the worst class, where that is the whole rule
    between two classes. What is shown, the nearest other class, the scenarios, the check of the class, the words of
    the glossary and the township page's card and section then follow (pipeline/indices/cut_class.py). It is empty for
    an index with a rule of its own, which has its own in each of these places.
    """

    name: IndexName
    title: str
    classes: type[StrEnum]
    order: tuple[StrEnum, ...]
    quantity: str
    counted: Mapping[str, StrEnum]
    cut: str = ""

    @property
    def column(self) -> str:
        """The column of the published index that holds the class."""
        return f"{self.name}_class"

    @property
    def shown(self) -> str:
        """The column of the published index that holds the class, or why there is none."""
        return f"{self.name}_shown"

    def cut_by(self, method: Method) -> float:
        """The method's own number in the field that `cut` names."""
        return float(getattr(method, self.cut).value)

    @property
    def worst(self) -> StrEnum:
        return self.order[-1]


SECURITY = IndexSpec(
    IndexName.SECURITY,
    "Security Index",
    SecurityClass,
    (SecurityClass.NOT_IN_CONFLICT, SecurityClass.LOW, SecurityClass.HIGH),
    "clashes_count",
    {"security_high_count": SecurityClass.HIGH, "security_low_count": SecurityClass.LOW},
)
HUMANITARIAN = IndexSpec(
    IndexName.HUMANITARIAN,
    "Humanitarian Crisis Index",
    HumanitarianClass,
    (
        HumanitarianClass.NOT_IN_CONFLICT,
        HumanitarianClass.NO_NEW_IDPS,
        HumanitarianClass.LOW,
        HumanitarianClass.HIGH,
    ),
    "idps_persons",
    {
        "humanitarian_high_count": HumanitarianClass.HIGH,
        "humanitarian_low_count": HumanitarianClass.LOW,
        "humanitarian_no_new_count": HumanitarianClass.NO_NEW_IDPS,
        "humanitarian_insufficient_count": HumanitarianClass.INSUFFICIENT_DATA,
    },
)
SERVICES = IndexSpec(
    IndexName.SERVICES,
    "Public Service Provision Index",
    ServicesClass,
    (ServicesClass.NOT_IN_CONFLICT, ServicesClass.LOWER, ServicesClass.SEVERE),
    "services_lost_score",
    {
        "services_severe_count": ServicesClass.SEVERE,
        "services_lower_count": ServicesClass.LOWER,
        "services_insufficient_count": ServicesClass.INSUFFICIENT_DATA,
    },
)

INDICES: tuple[IndexSpec, ...] = (SECURITY, HUMANITARIAN, SERVICES)
BY_INDEX: dict[IndexName, IndexSpec] = {spec.name: spec for spec in INDICES}
BY_CUT: tuple[IndexSpec, ...] = tuple(spec for spec in INDICES if spec.cut)
