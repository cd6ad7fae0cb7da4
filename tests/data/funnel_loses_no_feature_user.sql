{{ config(enabled=var('use_adoption')) }}

-- Who used a feature is in its funnel or counted beside it: never lost.
with

uses as (

    select * from {{ ref('int_feature_uses') }}

),

adoptions as (

    select * from {{ ref('feature_adoption') }}

),

funnel as (

    select * from {{ ref('feature_adoption_funnel') }}
    where stage_rank = 0

),

people as (

    select
        tenant_id,
        user_id,
        feature_key
    from uses

    union distinct

    select
        tenant_id,
        user_id,
        feature_key
    from adoptions

),

people_counts as (

    select
        tenant_id,
        feature_key,
        count(*) as all_people

    from people

    group by 1, 2

)

select
    people_counts.tenant_id,
    people_counts.feature_key,
    people_counts.all_people,
    funnel.exposed_users,
    funnel.unexposed_users

from people_counts

left join funnel
    on
        people_counts.tenant_id = funnel.tenant_id
        and people_counts.feature_key = funnel.feature_key

where
    funnel.feature_key is null
    or people_counts.all_people
    != funnel.exposed_users + funnel.unexposed_users
