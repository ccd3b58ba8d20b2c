"""One module per live source: a query -> a file with its sidecar in the inbox, which `township-index run` takes next.

Nothing here reads or judges rows (readers/, records/), and nothing here is imported by a run.
"""
