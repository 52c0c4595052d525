-- Which promises has nobody asked for a month, and when was each asked last?
-- Variables: nights (folder of night=YYYY-MM-DD/failures.parquet), today.
WITH heads AS (
    SELECT CAST(regexp_extract(file_name, 'night=([0-9-]+)', 1) AS DATE) AS night, CAST(decode(value) AS JSON) AS head
    FROM parquet_kv_metadata(getvariable('nights') || '/*/failures.parquet')
    WHERE decode(key) = 'pathproof.head'
), promises AS (
    SELECT night, unnest(CAST(head -> 'promises' AS JSON[])) AS promise FROM heads
), asked AS (
    SELECT night, promise ->> 'from' AS "from", promise ->> 'to' AS "to", promise ->> 'service' AS service,
           promise ->> 'expected' AS expected
    FROM promises
)
SELECT "from", "to", service, expected, max(night) AS last_asked
FROM asked
GROUP BY ALL
HAVING max(night) < CAST(getvariable('today') AS DATE) - INTERVAL 1 MONTH
ORDER BY last_asked, "from", "to", service;
