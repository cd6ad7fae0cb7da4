-- What was received in the gate's window, one row a tenant and one for all of them. The window's rule and its reasons are
-- in docs/quality-gate.md: the 24 hours up to the newest hour of receipts at or before the end of as_of.
-- Read by DuckDB and BigQuery as it stands; a name after a colon is the instant after the last visible one.

with

hours as (

    select * from event_quality_hourly
    where received_hour_at < :as_of_end

),

newest as (

    select max(received_hour_at) as received_hour_at from hours

),

recent as (

    select
        hours.*,
        newest.received_hour_at as newest_hour_at
    from hours
    cross join newest
    where hours.received_hour_at > newest.received_hour_at - interval 24 hour

),

scoped as (

    select
        tenant_id as slice,
        recent.*
    from recent

    union all

    select
        '(all)' as slice,
        recent.*
    from recent

),

ranked as (

    select
        scoped.*,
        sum(case when p95_latency_seconds is not null then events else 0 end)
            over (
                partition by slice
                order by p95_latency_seconds, received_hour_at, tenant_id
                rows between unbounded preceding and current row
            ) as events_so_far,
        sum(case when p95_latency_seconds is not null then events else 0 end)
            over (partition by slice) as timed_events
    from scoped

)

select
    slice,
    sum(events) as events,
    count(distinct received_hour_at) as hours_count,
    max(newest_hour_at) as newest_hour_at,

    -- Rates over all rows of the slice, from their counts.
    100.0 * (sum(events) - sum(rejected_events)) / sum(events)
        as schema_valid_pct,
    100.0 * sum(duplicate_events) / sum(events) as duplicate_pct,
    -- Where no event should have a user none is missing one.
    case
        when sum(user_expected_events) = 0 then 0.0
        else 100.0 * sum(missing_user_events) / sum(user_expected_events)
    end as missing_user_pct,

    -- Means weigh by events.
    sum(events * avg_drift_seconds)
    / nullif(sum(case when avg_drift_seconds is not null then events end), 0)
        as avg_drift_seconds,
    -- The p95 under which the hours of at least 95 % of the events stay: of one
    -- hour it is that hour's own, and an hour with three events decides nothing.
    min(
        case
            when 100 * events_so_far >= 95 * timed_events
                then p95_latency_seconds
        end
    ) as p95_latency_seconds,
    sum(events * quality_score) / sum(events) as quality_score

from ranked
group by slice
order by slice
