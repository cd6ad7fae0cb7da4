with

profile_events as (

    select * from {{ ref('int_profile_events_resolved') }}

),

final as (

    select
        tenant_id,
        event_id,
        resolved_user_id as user_id,
        role,
        event_at as identified_at
    from profile_events
    where
        event_name = 'user.identified'
        and role is not null

)

select * from final
