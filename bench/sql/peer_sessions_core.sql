-- Half an hour of silence ends a session; nobody's identity is asked for.
with lagged as (
    select
        tenant_id, anonymous_id, event_name, at,
        lagInFrame(toNullable(at), 1, null) over device as previous_at,
        row_number() over device as position
    from events
    where anonymous_id != ''
    window device as (
        partition by tenant_id, anonymous_id
        order by at, event_id
        rows between unbounded preceding and unbounded following
    )
),
numbered as (
    select
        *,
        sum(isNull(previous_at) or dateDiff('microsecond', previous_at, at) > 1800000000) over (
            partition by tenant_id, anonymous_id
            order by position
            rows between unbounded preceding and current row
        ) as session_number
    from lagged
)
select
    tenant_id,
    anonymous_id,
    min(at) as session_start_at,
    max(at) as session_end_at,
    count() as event_count,
    countIf(event_name = 'page.viewed') as page_view_count
from numbered
group by tenant_id, anonymous_id, session_number
