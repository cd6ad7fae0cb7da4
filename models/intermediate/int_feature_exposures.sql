with

events as (

    select *
    from {{ ref('int_feature_events') }}
    where
        event_date <= {{ as_of_date() }}
        and is_exposure

),

resolved as (

    {{ with_resolved_user('events') }}

),

final as (

    select
        tenant_id,
        resolved_user_id as user_id,
        feature_key,
        min(event_at) as first_exposed_at
    from resolved
    where resolved_user_id is not null
    group by 1, 2, 3

)

select * from final
