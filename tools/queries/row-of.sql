-- Whom could somebody reach in the last night: one row of the matrix.
-- Variables: nights (folder of night=YYYY-MM-DD/matrix.parquet), who (an end, or a set of them).
WITH matrix AS (
    SELECT night, "from", "to", verdict
    FROM read_parquet(getvariable('nights') || '/*/matrix.parquet', hive_partitioning = true)
)
SELECT "to", verdict
FROM matrix
WHERE "from" = getvariable('who') AND verdict IS NOT NULL AND night = (SELECT max(night) FROM matrix)
ORDER BY "to";
