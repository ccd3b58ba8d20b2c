"""What a home keeps and for how long, how large its logs grow, and when a disk counts as short.

`township-index prune` and the daily schedule go by these numbers. Deliveries have none: they are the truth that
everything else is made from, and stay for ever.
"""

from pipeline.declare.choice import Choice

KEEP_VARIABLE = "TOWNSHIP_INDEX_KEEP_DAYS"

RELEASE_DAYS = Choice(
    30,
    "A month of daily releases: what was published in the last weeks is what is still quoted and asked about.",
)
RELEASES_BYTES = Choice(
    4_500_000_000,
    "A home stays under 5 GB: the rest is for the working and the analysts' database (0.1 GB), the release being "
    "built (0.13 GB), run records of a month (0.1 GB), logs and deliveries.",
)
# Where releases of the last days take more than that, the oldest go first, but never these.
RELEASE_DAYS_LEAST = Choice(
    7,
    "A week: who reads once a week finds the release they read last, whatever its size.",
)
RUN_DAYS = Choice(
    30,
    "As long as releases: a run record of 2.5 MB says how a release was made, step by step.",
)
CACHE_DAYS = Choice(
    30,
    "A cached file that a newer one replaced is made again in seconds; within a month a change may be taken back.",
)
WORKING_DAYS = Choice(
    30,
    "A month to look at a database that was moved aside as damaged; the working database of the internal profile is "
    "made again from the deliveries by the next internal run.",
)
LITTER_DAYS = Choice(
    1,
    "A day: what a running program writes is younger, what a killed one left is not.",
)

LOG_BYTES = Choice(5_000_000, "Some hundred runs in one file, which any editor still opens.")
LOG_FILES = Choice(9, "With the one that is written to 50 MB at most: a hundredth of what a home may take.")
LOG_DAYS = Choice(365, "A year: who asks when a source began to fail looks back to the same season.")

PACE_DAYS = Choice(30, "A month: long enough to hold a round of deliveries, short enough to see a new pace.")
DAYS_LEFT_NOTE = Choice(30, "A month's notice is time to order a disk.")
DAYS_LEFT_PROBLEM = Choice(7, "With a week left a person must act now.")
FREE_BYTES_LEAST = Choice(1_000_000_000, "A release, its copy and the working files of a run take some 400 MB.")
