{{ config(enabled=var('use_segments')) }}

-- Who entered a segment and did not leave it is in it.

with

moves as (

    select * from {{ ref('rfm_segment_moves') }}

),

rfm_segments as (

    select * from {{ ref('rfm_segments') }}

),

flows as (

    select
        tenant_id,
        to_segment as behavioral_segment,
        user_count as people
    from moves

    union all

    select
        tenant_id,
        from_segment as behavioral_segment,
        -user_count as people
    from moves

),

balances as (

    select
        tenant_id,
        behavioral_segment,
        sum(people) as people
    from flows
    where behavioral_segment != '(none)'
    group by 1, 2

)

select
    rfm_segments.tenant_id,
    rfm_segments.behavioral_segment,
    rfm_segments.user_count,
    balances.people as people_by_moves
from rfm_segments
left join balances
    on
        rfm_segments.tenant_id = balances.tenant_id
        and rfm_segments.behavioral_segment = balances.behavioral_segment
where rfm_segments.user_count != coalesce(balances.people, 0)
