with

events as (

    select *
    from {{ ref('int_profile_events') }}
    where event_date <= {{ as_of_date() }}

),

resolved as (

    {{ with_resolved_user('events') }}

),

final as (

    select * from resolved
    where resolved_user_id is not null

)

select * from final
