# A first look at a release in base R; no package is needed.
#   Rscript first_look.R path/to/release        (or set TOWNSHIP_INDEX_RELEASE)
# With the package duckdb the views can be asked as in queries.sql:
#   con <- DBI::dbConnect(duckdb::duckdb("township_index.duckdb", read_only = TRUE))
#   DBI::dbGetQuery(con, "FROM township('Loikaw')")

given <- c(commandArgs(trailingOnly = TRUE), Sys.getenv("TOWNSHIP_INDEX_RELEASE", "../data/demo/published/latest"))
release <- given[1]

# Text, dates and truth as they are meant: P-codes stay text, an empty cell is missing, a zero is a zero.
read_release <- function(path) {
  table <- read.csv(file.path(release, path), na.strings = "", encoding = "UTF-8", stringsAsFactors = FALSE)
  for (name in grep("^month$|_date$|^period_(start|end)$", names(table), value = TRUE))
    table[[name]] <- as.Date(table[[name]])
  for (name in names(table))
    if (is.character(table[[name]]) && all(table[[name]] %in% c("true", "false", NA)))
      table[[name]] <- table[[name]] == "true"
  table
}

# The townships of one state or region by month, leading method.
kachin <- read_release("regions/kachin.csv")
newest <- subset(kachin, month == max(month))
cat("Release", newest$release_id[1], if (newest$synthetic[1]) "SYNTHETIC DATA: every figure is invented" else "", "\n")
cat("Townships of Kachin:", nrow(newest), "in", format(max(kachin$month), "%B %Y"), "\n\n")

# What is shown of the Security Index: a class, or why there is none.
print(table(newest$security_shown))

# People in townships of class high.
cat("\nPeople in townships of class high:", sum(newest$population_persons[newest$security_class == "high"]), "\n\n")

# Clashes by month; a month in which a township is not known is not zero, so no na.rm here.
print(tail(aggregate(clashes_month_count ~ month, kachin, sum, na.action = na.pass), 12))

# The country, both methods: always choose one.
national <- read_release("tables/national_summary.csv")
own <- subset(national, method == "isp-2023")
print(tail(own[, c("month", "in_conflict_count", "security_high_count", "clashes_month_count", "provisional")], 6))
