{{ config(enabled=var('use_adoption')) }}

-- Everybody exposed is at exactly one of the five stages, and the lowest one
-- has been reached by all of them.
with

funnel as (

    select * from {{ ref('feature_adoption_funnel') }}

),

adoptions as (

    select
        tenant_id,
        feature_key,
        count(*) as exposed_people,
        {{ count_where('is_mature') }} as mature_exposed_people

    from {{ ref('feature_adoption') }}

    group by 1, 2

),

summed as (

    select
        tenant_id,
        feature_key,
        count(*) as stage_count,
        sum(users) as users,
        sum(mature_users) as mature_users,
        max(cumulative_users) as reached_users,
        max(mature_cumulative_users) as mature_reached_users,
        min(exposed_users) as exposed_users,
        max(exposed_users) as max_exposed_users,
        min(mature_exposed_users) as mature_exposed_users

    from funnel

    group by 1, 2

)

select summed.*
from summed

left join adoptions
    on
        summed.tenant_id = adoptions.tenant_id
        and summed.feature_key = adoptions.feature_key

where
    summed.stage_count != 5
    or summed.users != summed.exposed_users
    or summed.reached_users != summed.exposed_users
    or summed.max_exposed_users != summed.exposed_users
    or summed.mature_users != summed.mature_exposed_users
    or summed.mature_reached_users != summed.mature_exposed_users
    or summed.exposed_users != coalesce(adoptions.exposed_people, 0)
    or summed.mature_exposed_users
    != coalesce(adoptions.mature_exposed_people, 0)
