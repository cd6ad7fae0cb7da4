{{ config(tags=['whole_history']) }}

-- Rows in = accepted + duplicate + rejected, in every hour of receipt.

with

hours as (

    select * from {{ ref('event_quality_hourly') }}

),

accepted as (

    select
        tenant_id,
        {{ start_of_hour('received_at') }} as received_hour_at,
        count(*) as events
    from {{ ref('int_events') }}
    where
        event_date >= cast('0001-01-01' as date)
        and received_at < {{ start_of_day(add_days(as_of_date(), 1)) }}
    group by
        tenant_id,
        {{ start_of_hour('received_at') }}

)

select
    coalesce(hours.tenant_id, accepted.tenant_id) as tenant_id,
    coalesce(hours.received_hour_at, accepted.received_hour_at)
        as received_hour_at,
    hours.events as events_in,
    hours.rejected_events,
    hours.duplicate_events,
    accepted.events as accepted_events
from hours
full outer join accepted
    on
        hours.tenant_id = accepted.tenant_id
        and hours.received_hour_at = accepted.received_hour_at
where
    coalesce(hours.events, 0)
    != coalesce(accepted.events, 0)
    + coalesce(hours.rejected_events, 0)
    + coalesce(hours.duplicate_events, 0)
