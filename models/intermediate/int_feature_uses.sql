with

events as (

    select *
    from {{ ref('int_feature_events') }}
    where
        event_date <= {{ as_of_date() }}
        and is_use

),

resolved as (

    {{ with_resolved_user('events') }}

),

final as (

    select
        tenant_id,
        event_id,
        resolved_user_id as user_id,
        feature_key,
        event_at as used_at,
        event_date as used_date,
        event_role
    from resolved
    where resolved_user_id is not null

)

select * from final
