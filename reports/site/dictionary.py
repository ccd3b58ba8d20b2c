"""The page of the dictionary: every published table and column, as they are declared."""

from pipeline.declare.tables import Layer, layer
from reports.files.dictionary import dictionary_rows, table_rows
from reports.site.inputs import Context, Inputs


def page(inputs: Inputs) -> list[Context]:
    """dictionary.html, the same for every release of a version of the code."""
    columns = {table.name: table.columns for table in layer(Layer.PUBLISHED)}
    return [{"tables": table_rows(), "columns": columns, "words": dictionary_rows()}]
