{{ config(enabled=var('use_cohorts')) }}

-- No more people can be active than there are, and each type of cohort holds
-- everybody who has signed up exactly once.
with

retention as (

    select * from {{ ref('cohort_retention') }}

),

people as (

    select
        tenant_id,
        count(*) as signed_up_people

    from {{ ref('int_people') }}

    where signup_at is not null

    group by 1

),

too_many_active as (

    select
        tenant_id,
        cohort_type,
        'active users' as what,
        active_users as found,
        cohort_size as expected
    from retention
    where active_users > cohort_size

),

cohort_sizes as (

    select
        tenant_id,
        cohort_type,
        period_grain,
        sum(cohort_size) as people_in_cohorts

    from retention

    where period_number = 0

    group by 1, 2, 3

),

lost_or_twice as (

    select
        people.tenant_id,
        cohort_sizes.cohort_type,
        'cohort sizes' as what,
        cohort_sizes.people_in_cohorts as found,
        people.signed_up_people as expected

    from people

    left join cohort_sizes
        on people.tenant_id = cohort_sizes.tenant_id

    where
        cohort_sizes.people_in_cohorts is null
        or cohort_sizes.people_in_cohorts != people.signed_up_people

)

select * from too_many_active

union all

select * from lost_or_twice
