with

tenants as (

    select * from {{ ref('int_tenants') }}

),

person_days as (

    select * from {{ ref('int_person_days') }}

),

people as (

    select * from {{ ref('int_people') }}

),

calendar as (

    select calendar_date
    from
        {{ date_spine(
            start_of_week(
                '(select min(tenants.first_event_date) from tenants)'
            ),
            as_of_date(),
            'calendar_date'
        ) }}

),

-- A week that has not ended is measured over the days it has so far.
tenant_weeks as (

    select
        tenants.tenant_id,
        {{ start_of_week('calendar.calendar_date') }} as week_start_date,
        count(*) as day_count
    from tenants
    inner join calendar
        on
            {{ start_of_week('tenants.first_event_date') }}
            <= calendar.calendar_date
    group by 1, 2

),

engagement_by_week as (

    select
        tenant_id,
        {{ start_of_week('activity_date') }} as week_start_date,
        count(distinct user_id) as wau,
        -- One row per person and day: the number of rows is the sum of the
        -- daily dau.
        count(*) as person_days
    from person_days
    where engagement_events > 0
    group by 1, 2

),

signups_by_week as (

    select
        tenant_id,
        signup_week as week_start_date,
        count(*) as signups
    from people
    where signup_week is not null
    group by 1, 2

),

weeks as (

    select
        tenant_weeks.tenant_id,
        tenant_weeks.week_start_date,
        tenant_weeks.day_count,
        coalesce(engagement_by_week.wau, 0) as wau,
        coalesce(engagement_by_week.person_days, 0) as person_days,
        coalesce(signups_by_week.signups, 0) as signups
    from tenant_weeks
    left join engagement_by_week
        on
            tenant_weeks.tenant_id = engagement_by_week.tenant_id
            and tenant_weeks.week_start_date
            = engagement_by_week.week_start_date
    left join signups_by_week
        on
            tenant_weeks.tenant_id = signups_by_week.tenant_id
            and tenant_weeks.week_start_date = signups_by_week.week_start_date

),

compared as (

    select
        *,
        lag(day_count) over tenant_history as day_count_previous,
        lag(wau) over tenant_history as wau_previous,
        lag(person_days) over tenant_history as person_days_previous,
        lag(signups) over tenant_history as signups_previous
    from weeks
    window
        tenant_history as (
            partition by tenant_id
            order by week_start_date
        )

),

-- Changes are taken between exact values, not between rounded ones. Stickiness
-- is person-days / (days x wau), so its change has the product of both
-- denominators below it.
fractions as (

    select
        *,
        cast(person_days as {{ type_wide() }}) * day_count_previous * wau_previous
        - cast(person_days_previous as {{ type_wide() }}) * day_count * wau
            as stickiness_difference,
        cast(day_count as {{ type_wide() }}) * wau * day_count_previous * wau_previous
            as stickiness_denominator
    from compared

),

final as (

    select
        ---------- ids
        tenant_id,
        week_start_date,

        ---------- whether the week has ended
        day_count = 7 as is_complete,

        ---------- people
        wau,
        wau_previous as wau_previous_week,
        {{ pct_change('wau', 'wau_previous') }} as wau_change_pct,

        ---------- people on an average day
        {{ ratio('person_days', 'day_count') }} as avg_dau,
        {{ ratio('person_days_previous', 'day_count_previous') }}
            as avg_dau_previous_week,
        {{ pct_change(
            '(person_days * day_count_previous)',
            '(person_days_previous * day_count)'
        ) }} as avg_dau_change_pct,

        ---------- how often they come
        {{ pct('person_days', 'day_count * wau') }} as stickiness_pct,
        {{ pct('person_days_previous', 'day_count_previous * wau_previous') }}
            as stickiness_previous_week_pct,
        cast({{ signed_ratio(
            '(10000 * stickiness_difference)', 'stickiness_denominator'
        ) }} as {{ type_double() }}) / 100 as stickiness_change_points,

        ---------- new people
        signups,
        signups_previous as signups_previous_week,
        {{ pct_change('signups', 'signups_previous') }} as signups_change_pct

    from fractions

)

select * from final
