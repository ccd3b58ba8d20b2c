-- Twelve questions to a release, in the words of DuckDB 1.4 and newer. From the folder that holds the release:
--   duckdb -readonly township_index.duckdb < queries.sql
-- The views latest, series, regions and nation hold the leading method alone, so that no two methods are added up.
-- The tables of all methods stand in schema published, every column is explained in the table dictionary.

-- 1. Is my township getting worse? The last six months of Loikaw, any spelling or P-code will do.
SELECT month, clashes_month_count, clashes_3m_count, signal, security_shown, idps_persons, evidence_grade
FROM township('Loikaw') ORDER BY month DESC LIMIT 6;

-- 2. Which ten townships to look at first, and why? The heaviest signal, then the clashes of three months, beside the
-- most clashes in any of the twelve months before and the chance that a month like them would raise an alert.
SELECT l.adm3_name, l.state_region, l.signal, l.clashes_month_count, c.clashes_year_maximum_count AS most_in_a_month_before,
       l.clashes_3m_count, c.alert_false_probability, l.population_persons, l.idps_persons, l.evidence_grade
FROM latest l
JOIN published.township_changes c
  ON c.adm3_pcode = l.adm3_pcode AND c.month = l.month AND c.method = (SELECT method FROM release)
ORDER BY l.signal DESC, l.clashes_3m_count DESC, l.adm3_pcode LIMIT 10;

-- 3. How many people live in townships of each class? What is not known is a row of its own, never a zero.
SELECT security_shown, count(*) AS townships, sum(population_persons) AS people
FROM latest GROUP BY security_shown ORDER BY security_shown DESC;

-- 4. What changed since the month before? Townships whose class or signal is another one.
SELECT l.adm3_name, l.state_region, b.security_shown AS before, l.security_shown AS now, b.signal AS signal_before,
       l.signal, b.clashes_month_count AS clashes_before, l.clashes_month_count AS clashes
FROM latest l
JOIN series b ON b.adm3_pcode = l.adm3_pcode AND b.month = (l.month - INTERVAL 1 MONTH)::DATE
WHERE l.security_shown IS DISTINCT FROM b.security_shown OR l.signal IS DISTINCT FROM b.signal
ORDER BY l.signal DESC, l.clashes_month_count DESC, l.adm3_pcode;

-- 5. A map to draw: class, colour and outline (WKB, for ST_GeomFromWKB of the extension spatial) of each township.
SELECT l.adm3_pcode, l.adm3_name, l.security_shown,
       CASE l.security_shown WHEN 'high' THEN '#8a2f04' WHEN 'low' THEN '#f2b070' WHEN 'reported_quiet' THEN '#f7f7f4'
            ELSE '#d9d9d9' END AS colour,
       t.geometry
FROM latest l JOIN published.townships t ON t.adm3_pcode = l.adm3_pcode ORDER BY l.adm3_pcode;

-- 6. What does high mean? The cuts of the leading method for the source that is counted, with their reasons.
WITH own AS (SELECT split_part(max(clash_source), ':', 1) AS family FROM nation)
SELECT m.choice, m.source_family, m.value, m.why
FROM methods m, own
WHERE m.method = (SELECT method FROM release) AND m.choice IN ('security_high', 'idps_high', 'services_severe')
  AND (m.source_family IN ('all', own.family)
       OR m.source_family = 'default' AND NOT EXISTS (
            SELECT 1 FROM methods o
            WHERE o.method = m.method AND o.choice = m.choice AND o.source_family = own.family))
ORDER BY m.choice;

-- 7. A figure to quote, with how to cite it.
SELECT n.in_conflict_count || ' of ' || n.townships_count || ' townships in conflict' AS figure, n.period_end,
       n.provisional, r.citation, r.licence, r.notice
FROM nation n, release r ORDER BY n.month DESC LIMIT 1;

-- 8. Two townships side by side, month by month, also for each 100,000 people.
SELECT month, clashes_month_count_a, clashes_month_count_b, clashes_12m_per_100000_a, clashes_12m_per_100000_b,
       signal_a, signal_b, idps_persons_a, idps_persons_b
FROM compare('Loikaw', 'Myitkyina') ORDER BY month DESC LIMIT 12;

-- 9. Events over time in a state or region, with a bar. A month in which nothing is known has no sum.
SELECT month, sum(clashes_month_count) AS clashes, sum(violence_month_count) AS violence_against_civilians,
       count(*) FILTER (WHERE clashes_month_count IS NULL) AS townships_not_known,
       bar(sum(clashes_month_count), 0, 100, 40) AS bar
FROM series WHERE state_region = 'Kachin' GROUP BY month ORDER BY month;

-- 10. The data of one state or region alone. To a file: COPY (...) TO 'kachin.csv' (HEADER).
SELECT adm3_pcode, adm3_name, adm3_name_my, month, clashes_month_count, signal, security_shown, idps_persons,
       humanitarian_shown, services_shown, control_class, evidence_grade
FROM series WHERE state_region = 'Kachin' ORDER BY adm3_pcode, month;

-- 11. Does the answer hang on a choice? How many townships each other defensible choice moves, the most first.
SELECT choice, townships_moved_count, control_share_low, control_share_high
FROM published.sensitivity
WHERE method = (SELECT method FROM release) AND index_name = 'security'
ORDER BY townships_moved_count DESC, choice;

-- 12. Where is no class not calm? Townships with displaced people, or from where nobody reports.
SELECT state_region, count(*) FILTER (WHERE security_shown = 'hosting_displaced') AS hosting_displaced,
       count(*) FILTER (WHERE security_shown = 'silent') AS silent,
       count(*) FILTER (WHERE security_shown = 'reported_quiet') AS quiet_as_reported
FROM latest GROUP BY state_region ORDER BY state_region;
