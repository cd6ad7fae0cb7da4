{{ config(enabled=var('use_segments')) }}

-- The five segments of a tenant hold its scored people and their revenue: no more and no less.

with

user_rfm as (

    select * from {{ ref('user_rfm') }}

),

rfm_segments as (

    select * from {{ ref('rfm_segments') }}

),

people as (

    select
        tenant_id,
        count(*) as user_count,
        sum(total_revenue) as revenue
    from user_rfm
    group by 1

),

segments as (

    select
        tenant_id,
        sum(user_count) as user_count,
        sum(segment_revenue) as revenue
    from rfm_segments
    group by 1

)

select
    coalesce(people.tenant_id, segments.tenant_id) as tenant_id,
    people.user_count as people,
    segments.user_count as people_in_segments,
    people.revenue,
    segments.revenue as revenue_in_segments
from people
full outer join segments
    on people.tenant_id = segments.tenant_id
where
    coalesce(people.user_count, 0) != coalesce(segments.user_count, 0)
    or coalesce(people.revenue, 0) != coalesce(segments.revenue, 0)
