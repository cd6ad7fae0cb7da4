with

event_minutes as (

    select * from {{ ref('int_event_minutes') }}
    where event_date <= {{ as_of_date() }}

),

final as (

    select
        ---------- ids
        tenant_id,
        minute_at,
        event_name,

        ---------- volume
        event_count

    from event_minutes

)

select * from final
