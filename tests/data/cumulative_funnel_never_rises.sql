{{ config(enabled=var('use_adoption')) }}

-- More people at a higher stage than at a lower one would be no funnel.
with

funnel as (

    select * from {{ ref('feature_adoption_funnel') }}

),

paired as (

    select
        tenant_id,
        feature_key,
        adoption_stage,
        cumulative_users,
        mature_cumulative_users,
        lag(cumulative_users) over lower_stages as lower_users,
        lag(mature_cumulative_users) over lower_stages as mature_lower_users

    from funnel

    window lower_stages as (
        partition by tenant_id, feature_key
        order by stage_rank
    )

)

select * from paired
where
    cumulative_users > lower_users
    or mature_cumulative_users > mature_lower_users
