{{ config(enabled=var('use_quality')) }}

{{ config(tags=['whole_history']) }}

-- Rows in = accepted + duplicate + rejected, in every hour of receipt that is
-- kept. Such an hour may have received events of days that are kept no longer.

with

hours as (

    select *
    from {{ ref('event_quality_hourly') }}
    where received_hour_at >= {{ start_of_day(first_kept_date()) }}

),

accepted as (

    select
        tenant_id,
        received_at
    from {{ ref('int_events') }}
    where event_date >= {{ first_kept_date() }}

    union all

    select
        tenant_id,
        received_at
    from {{ ref('stg_events') }}
    where
        _loaded_at >= cast('1970-01-01' as timestamp)
        and reject_reason is null
        and event_date < {{ first_kept_date() }}

),

accepted_hours as (

    select
        tenant_id,
        {{ start_of_hour('received_at') }} as received_hour_at,
        count(*) as events
    from accepted
    where
        received_at >= {{ start_of_day(first_kept_date()) }}
        and received_at < {{ start_of_day(add_days(as_of_date(), 1)) }}
    group by 1, 2

),

-- Of days that are kept no longer the copies stand among the accepted above.
copies as (

    select
        tenant_id,
        {{ start_of_hour('received_at') }} as received_hour_at,
        count(*) as events
    from {{ ref('int_event_copies') }}
    where
        copy_number > 1
        and event_date < {{ first_kept_date() }}
    group by 1, 2

)

select
    coalesce(hours.tenant_id, accepted_hours.tenant_id) as tenant_id,
    coalesce(hours.received_hour_at, accepted_hours.received_hour_at)
        as received_hour_at,
    hours.events as events_in,
    hours.rejected_events,
    hours.duplicate_events,
    accepted_hours.events as accepted_events,
    copies.events as copies_no_longer_kept
from hours
full outer join accepted_hours
    on
        hours.tenant_id = accepted_hours.tenant_id
        and hours.received_hour_at = accepted_hours.received_hour_at
left join copies
    on
        hours.tenant_id = copies.tenant_id
        and hours.received_hour_at = copies.received_hour_at
where
    coalesce(hours.events, 0)
    != coalesce(accepted_hours.events, 0)
    - coalesce(copies.events, 0)
    + coalesce(hours.rejected_events, 0)
    + coalesce(hours.duplicate_events, 0)
