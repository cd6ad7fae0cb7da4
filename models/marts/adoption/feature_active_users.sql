with

uses as (

    select * from {{ ref('int_feature_uses') }}

),

person_days as (

    select distinct
        tenant_id,
        feature_key,
        user_id,
        used_date as activity_date
    from uses

),

-- The next day on which the same person uses the same feature.
followed as (

    select
        tenant_id,
        feature_key,
        activity_date,
        lead(activity_date) over (
            partition by tenant_id, feature_key, user_id
            order by activity_date
        ) as next_activity_date

    from person_days

),

-- A day keeps a person counted for N dates, or until the next day takes over.
spans as (

    select
        tenant_id,
        feature_key,
        activity_date,
        least(
            {{ add_days('activity_date', 7) }},
            coalesce(next_activity_date, {{ add_days('activity_date', 7) }})
        ) as week_end_date,
        least(
            {{ add_days('activity_date', 30) }},
            coalesce(next_activity_date, {{ add_days('activity_date', 30) }})
        ) as month_end_date

    from followed

),

-- So a rolling count is a running sum: one more where a span starts, one less
-- where it ends. The cost is that of the active days, whatever the window.
steps as (

    select
        tenant_id,
        feature_key,
        activity_date,
        count(*) as dau,
        count(*) as wau_step,
        count(*) as mau_step
    from spans
    group by 1, 2, 3

    union all

    select
        tenant_id,
        feature_key,
        week_end_date as activity_date,
        0 as dau,
        -count(*) as wau_step,
        0 as mau_step
    from spans
    group by 1, 2, 3

    union all

    select
        tenant_id,
        feature_key,
        month_end_date as activity_date,
        0 as dau,
        0 as wau_step,
        -count(*) as mau_step
    from spans
    group by 1, 2, 3

),

daily_steps as (

    select
        tenant_id,
        feature_key,
        activity_date,
        sum(dau) as dau,
        sum(wau_step) as wau_step,
        sum(mau_step) as mau_step

    from steps

    group by 1, 2, 3

),

features as (

    select
        tenant_id,
        feature_key,
        min(used_date) as first_used_date

    from uses

    group by 1, 2

),

days as (

    select day_date
    from
        {{ date_spine(
            '(select min(features.first_used_date) from features)',
            as_of_date(),
            'day_date'
        ) }}

),

-- Every day from the first use on, those without any use included.
calendar as (

    select
        features.tenant_id,
        features.feature_key,
        days.day_date as activity_date

    from features

    inner join days
        on features.first_used_date <= days.day_date

),

running as (

    select
        calendar.tenant_id,
        calendar.feature_key,
        calendar.activity_date,
        coalesce(daily_steps.dau, 0) as dau,
        sum(coalesce(daily_steps.wau_step, 0)) over until_then as wau,
        sum(coalesce(daily_steps.mau_step, 0)) over until_then as mau

    from calendar

    left join daily_steps
        on
            calendar.tenant_id = daily_steps.tenant_id
            and calendar.feature_key = daily_steps.feature_key
            and calendar.activity_date = daily_steps.activity_date

    window until_then as (
        partition by calendar.tenant_id, calendar.feature_key
        order by calendar.activity_date
        rows between unbounded preceding and current row
    )

),

final as (

    select
        ---------- ids
        tenant_id,
        feature_key,

        ---------- dates
        activity_date,

        ---------- numerics
        cast(dau as {{ type_integer() }}) as dau,
        cast(wau as {{ type_integer() }}) as wau,
        cast(mau as {{ type_integer() }}) as mau,
        {{ pct('dau', 'mau') }} as stickiness_pct

    from running

)

select * from final
