-- Which user used a device, from which event to which: the small table that
-- gives events without a user their user.

with

fragments as (

    select *
    from {{ ref('int_sessions_resolved') }}
    where
        anonymous_id is not null
        and known_user_id is not null

),

lagged as (

    select
        tenant_id,
        anonymous_id,
        known_user_id as user_id,
        start_at,
        first_event_id,
        lag(known_user_id) over (
            partition by tenant_id, anonymous_id
            order by start_at, first_event_id
        ) as previous_user_id
    from fragments

),

-- A span begins at the event at which the device changes users.
handovers as (

    select *
    from lagged
    where previous_user_id is null or previous_user_id != user_id

),

final as (

    select
        tenant_id,
        anonymous_id,
        user_id,
        -- The first span starts with the device's first event.
        case when previous_user_id is not null then start_at end
            as span_start_at,
        case when previous_user_id is not null then first_event_id end
            as span_start_event_id,
        lead(start_at) over (
            partition by tenant_id, anonymous_id
            order by start_at, first_event_id
        ) as span_end_at,
        lead(first_event_id) over (
            partition by tenant_id, anonymous_id
            order by start_at, first_event_id
        ) as span_end_event_id
    from handovers

)

select * from final
