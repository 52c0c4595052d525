-- What would the loss of a gateway, line or machine have cost each night, alone?
-- Variables: nights (folder of night=YYYY-MM-DD/failures.parquet), lost (an id).
WITH nights AS (
    SELECT DISTINCT CAST(regexp_extract(file_name, 'night=([0-9-]+)', 1) AS DATE) AS night
    FROM parquet_kv_metadata(getvariable('nights') || '/*/failures.parquet')
), broken AS (
    SELECT night, promise
    FROM read_parquet(getvariable('nights') || '/*/failures.parquet', hive_partitioning = true)
    WHERE down = getvariable('lost') AND and_down IS NULL
)
SELECT nights.night, count(promise) AS promises, list(promise ORDER BY promise) FILTER (promise IS NOT NULL) AS which
FROM nights LEFT JOIN broken ON broken.night = nights.night
GROUP BY nights.night
ORDER BY nights.night;
