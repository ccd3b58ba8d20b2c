"""The glossary: the words of the pages with what each means, under the method and the source in force."""

from reports.release import leading_source
from reports.site.inputs import Context, Inputs
from reports.text.glossary import terms


def page(inputs: Inputs) -> list[Context]:
    """glossary.html."""
    method = inputs.release.spec(inputs.release.method)
    return [{"terms": terms(method, leading_source(inputs.tables, inputs.release.method))}]
