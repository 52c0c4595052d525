-- Whom could the ends of a VPC reach, and on which ports: one VPC's row of a matrix by class.
-- Variables: matrix (what comes before .parquet), who (a VPC, or `classic:REGION`).
WITH members AS (
    SELECT block, class, name, coalesce(vpc, name) AS vpc FROM read_parquet(getvariable('matrix') || '.members.parquet')
), own AS (
    SELECT DISTINCT block, class FROM members WHERE vpc = getvariable('who')
), sets AS (
    SELECT block, side, set, class FROM read_parquet(getvariable('matrix') || '.sets.parquet')
    WHERE block IN (SELECT block FROM own)
), froms AS (
    SELECT DISTINCT sets.block, sets.set FROM sets JOIN own USING (block, class) WHERE side = 'from'
), homes AS (
    SELECT DISTINCT class, vpc FROM members
), cells AS (
    SELECT DISTINCT homes.vpc, pairs.service
    FROM read_parquet(getvariable('matrix') || '.parquet') AS pairs
    JOIN froms ON froms.block = pairs.block AND froms.set = pairs.from_set
    JOIN sets ON sets.block = pairs.block AND sets.side = 'to' AND sets.set = pairs.to_set
    JOIN homes ON homes.class = sets.class
    WHERE pairs.block IN (SELECT block FROM own)
)
SELECT DISTINCT cells.vpc AS "to", protocol, first_port, last_port
FROM cells JOIN read_parquet(getvariable('matrix') || '.services.parquet') AS services USING (service)
WHERE part = 'works'
ORDER BY "to", protocol, first_port, last_port;
