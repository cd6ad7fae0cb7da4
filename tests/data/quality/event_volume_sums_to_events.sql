{{ config(enabled=var('use_quality')) }}

{{ config(tags=['whole_history']) }}

-- The minutes of a tenant hold its accepted events up to as_of_date.

with

events as (

    select
        tenant_id,
        count(*) as event_count
    from {{ ref('int_events') }}
    where event_date <= {{ as_of_date() }}
    group by 1

),

minutes as (

    select
        tenant_id,
        sum(event_count) as event_count
    from {{ ref('event_volume_by_minute') }}
    group by 1

)

select
    coalesce(events.tenant_id, minutes.tenant_id) as tenant_id,
    events.event_count,
    minutes.event_count as event_count_by_minute
from events
full outer join minutes
    on events.tenant_id = minutes.tenant_id
where coalesce(events.event_count, 0) != coalesce(minutes.event_count, 0)
