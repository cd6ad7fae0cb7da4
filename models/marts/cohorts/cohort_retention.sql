with

people as (

    select * from {{ ref('int_cohort_people') }}

),

profile_cohorts as (

    select * from {{ ref('int_cohort_profiles') }}

),

person_days as (

    select * from {{ ref('int_person_days') }}

),

-- Activity before signup does not count, not even on the day of signup.
active_days as (

    select
        people.tenant_id,
        people.user_id,
        people.profile_number,
        people.signup_month,
        people.signup_week,
        person_days.activity_date

    from people

    inner join person_days
        on
            people.tenant_id = person_days.tenant_id
            and people.user_id = person_days.user_id
            and people.signup_at <= person_days.last_engagement_at

),

-- One row for each period in which a person was active, numbered from the
-- person's own signup period.
active_periods as (

    select distinct
        tenant_id,
        user_id,
        profile_number,
        'month' as period_grain,
        {{ months_between(
            'signup_month', start_of_month('activity_date')
        ) }} as period_number
    from active_days

    union all

    select distinct
        tenant_id,
        user_id,
        profile_number,
        'week' as period_grain,
        {{ weeks_between(
            'signup_week', start_of_week('activity_date')
        ) }} as period_number
    from active_days

),

-- People who share all their cohorts are counted here, once: the cohort types
-- below join only these few counts, not the people.
profile_activity as (

    select
        tenant_id,
        profile_number,
        period_grain,
        period_number,
        count(*) as active_users

    from active_periods

    group by 1, 2, 3, 4

),

profile_sizes as (

    select
        tenant_id,
        profile_number,
        count(*) as people_count,
        min(signup_month) as first_signup_month,
        max(signup_month) as last_signup_month,
        min(signup_week) as first_signup_week,
        max(signup_week) as last_signup_week

    from people

    group by 1, 2

),

cohort_activity as (

    select
        profile_cohorts.tenant_id,
        profile_cohorts.cohort_type,
        profile_cohorts.cohort,
        profile_activity.period_grain,
        profile_activity.period_number,
        sum(profile_activity.active_users) as active_users

    from profile_activity

    inner join profile_cohorts
        on
            profile_activity.tenant_id = profile_cohorts.tenant_id
            and profile_activity.profile_number
            = profile_cohorts.profile_number

    group by 1, 2, 3, 4, 5

),

cohorts as (

    select
        profile_cohorts.tenant_id,
        profile_cohorts.cohort_type,
        profile_cohorts.cohort,
        sum(profile_sizes.people_count) as cohort_size,
        min(profile_sizes.first_signup_month) as first_signup_month,
        max(profile_sizes.last_signup_month) as last_signup_month,
        min(profile_sizes.first_signup_week) as first_signup_week,
        max(profile_sizes.last_signup_week) as last_signup_week

    from profile_sizes

    inner join profile_cohorts
        on
            profile_sizes.tenant_id = profile_cohorts.tenant_id
            and profile_sizes.profile_number = profile_cohorts.profile_number

    group by 1, 2, 3

),

days as (

    select day_date
    from
        {{ date_spine(
            '(select min(people.signup_date) from people)',
            as_of_date(),
            'day_date'
        ) }}

),

months as (

    select distinct {{ start_of_month('day_date') }} as month_date
    from days

),

weeks as (

    select distinct {{ start_of_week('day_date') }} as week_date
    from days

),

-- The dense triangle: from the period of the cohort's first signup to that of
-- as_of_date. A period is complete once it has also ended for the cohort's last
-- signup, that is when the day after as_of_date is in a later period.
triangle as (

    select
        cohorts.tenant_id,
        cohorts.cohort_type,
        cohorts.cohort,
        cohorts.cohort_size,
        'month' as period_grain,
        months.month_date as period_start_date,
        {{ months_between('cohorts.first_signup_month', 'months.month_date') }}
            as period_number,
        {{ months_between(
            'cohorts.last_signup_month',
            start_of_month(add_days(as_of_date(), 1))
        ) }} as ended_periods
    from cohorts
    inner join months
        on cohorts.first_signup_month <= months.month_date

    union all

    select
        cohorts.tenant_id,
        cohorts.cohort_type,
        cohorts.cohort,
        cohorts.cohort_size,
        'week' as period_grain,
        weeks.week_date as period_start_date,
        {{ weeks_between('cohorts.first_signup_week', 'weeks.week_date') }}
            as period_number,
        {{ weeks_between(
            'cohorts.last_signup_week',
            start_of_week(add_days(as_of_date(), 1))
        ) }} as ended_periods
    from cohorts
    inner join weeks
        on cohorts.first_signup_week <= weeks.week_date

),

joined as (

    select
        triangle.*,
        coalesce(cohort_activity.active_users, 0) as active_users

    from triangle

    left join cohort_activity
        on
            triangle.tenant_id = cohort_activity.tenant_id
            and triangle.cohort_type = cohort_activity.cohort_type
            and triangle.cohort = cohort_activity.cohort
            and triangle.period_grain = cohort_activity.period_grain
            and triangle.period_number = cohort_activity.period_number

),

final as (

    select
        ---------- ids
        tenant_id,
        cohort_type,
        cohort,
        period_grain,
        period_number,

        ---------- dates
        period_start_date,

        ---------- numerics
        cast(cohort_size as {{ type_integer() }}) as cohort_size,
        cast(active_users as {{ type_integer() }}) as active_users,
        {{ pct('active_users', 'cohort_size') }} as retention_pct,

        ---------- booleans
        period_number < ended_periods as is_complete

    from joined

)

select * from final
