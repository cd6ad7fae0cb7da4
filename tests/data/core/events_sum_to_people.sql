{{ config(tags=['whole_history']) }}

-- The events that have a user are the events of the people, and nobody who was
-- seen is missing from dim_users.

with

events as (

    select
        tenant_id,
        count(*) as event_count,
        count(distinct user_id) as user_count
    from {{ ref('fct_events') }}
    where
        event_date <= {{ as_of_date() }}
        and user_id is not null
    group by 1

),

people as (

    select
        tenant_id,
        sum(event_count) as event_count,
        count(*) as user_count
    from {{ ref('dim_users') }}
    group by 1

)

select
    coalesce(events.tenant_id, people.tenant_id) as tenant_id,
    events.event_count,
    people.event_count as event_count_of_people,
    events.user_count,
    people.user_count as people_count
from events
full outer join people
    on events.tenant_id = people.tenant_id
where
    coalesce(events.event_count, 0) != coalesce(people.event_count, 0)
    or coalesce(events.user_count, 0) != coalesce(people.user_count, 0)
