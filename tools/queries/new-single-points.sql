-- What is a single point of failure now and was none in a night before? Machines that only promises about themselves miss
-- do not count.
-- Variables: nights (folder of night=YYYY-MM-DD/failures.parquet), since (a night).
WITH points AS (
    SELECT night, down, kind, count(*) AS promises
    FROM read_parquet(getvariable('nights') || '/*/failures.parquet', hive_partitioning = true)
    WHERE and_down IS NULL AND NOT only_ends
    GROUP BY ALL
), last AS (
    SELECT max(CAST(regexp_extract(file_name, 'night=([0-9-]+)', 1) AS DATE)) AS night
    FROM parquet_kv_metadata(getvariable('nights') || '/*/failures.parquet')
)
SELECT down, kind, promises
FROM points, last
WHERE points.night = last.night
  AND down NOT IN (SELECT down FROM points WHERE night = CAST(getvariable('since') AS DATE))
ORDER BY promises DESC, down;
