-- The newest hour of receipts at or before the end of as_of, one row a tenant: how long its events took to the collector.
-- Read by DuckDB and BigQuery as it stands; a name after a colon is the instant after the last visible one.

with

hours as (

    select * from event_quality_hourly
    where received_hour_at < :as_of_end

),

newest as (

    select max(received_hour_at) as received_hour_at from hours

)

select
    hours.tenant_id,
    hours.received_hour_at,
    hours.events,
    hours.p50_latency_seconds,
    hours.p95_latency_seconds,
    hours.p99_latency_seconds
from hours
inner join newest
    on hours.received_hour_at = newest.received_hour_at
where hours.p50_latency_seconds is not null
order by hours.tenant_id
