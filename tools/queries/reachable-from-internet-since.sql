-- Who became reachable from the Internet since a night, in whole or in part?
-- Variables: nights (folder of night=YYYY-MM-DD/matrix.parquet), since (a night).
WITH open AS (
    SELECT night, "to", verdict
    FROM read_parquet(getvariable('nights') || '/*/matrix.parquet', hive_partitioning = true)
    WHERE "from" = 'internet' AND verdict IN ('reachable', 'partial')
), last AS (SELECT max(night) AS night FROM read_parquet(getvariable('nights') || '/*/matrix.parquet', hive_partitioning = true))
SELECT now."to", now.verdict
FROM open AS now, last
WHERE now.night = last.night
  AND now."to" NOT IN (SELECT "to" FROM open WHERE night = CAST(getvariable('since') AS DATE))
ORDER BY now."to";
