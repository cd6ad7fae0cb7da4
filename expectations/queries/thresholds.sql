-- What each column of ingestion.sql is held against: the seed, as a product manager left it.

select
    check_name,
    column_name,
    direction,
    target,
    alert,
    unit
from quality_thresholds
order by check_name
