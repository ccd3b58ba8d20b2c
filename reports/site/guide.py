"""The guide for a first reader: two sheets on how to read maps, lists, figures and doubts, in both languages."""

from pipeline.declare.codes import Signal
from pipeline.declare.indices import INDICES
from reports.release import leading_source
from reports.site.inputs import Context, Inputs
from reports.text.catalogue import label_both, say
from reports.text.glossary import class_rules, with_rule
from reports.text.signals import meaning_both
from reports.text.values import signal_both


def page(inputs: Inputs) -> list[Context]:
    """guide.html: the signals with their meaning, the classes with their cuts; its sentences stand in the template."""
    release = inputs.release
    rules = class_rules(release.spec(release.method), leading_source(inputs.tables, release.method))
    return [{
        "signals": [say("{name}: {meaning}", name=signal_both(one), meaning=meaning_both(one))
                    for one in Signal if one not in (Signal.NONE, Signal.UNKNOWN)],
        "classes": [(label_both(spec.name), [with_rule(label_both(code), rules, spec.name, code)
                                             for code in map(str, spec.order[::-1]) if (spec.name, code) in rules])
                    for spec in INDICES],
    }]  # fmt: skip
