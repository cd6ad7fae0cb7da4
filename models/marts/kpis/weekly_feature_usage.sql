with

feature_uses as (

    select * from {{ ref('int_feature_uses') }}

),

used_weeks as (

    select
        tenant_id,
        feature_key,
        {{ start_of_week('used_date') }} as week_start_date,
        count(distinct user_id) as users,
        count(*) as uses
    from feature_uses
    group by 1, 2, 3

),

first_weeks as (

    select
        tenant_id,
        feature_key,
        min(week_start_date) as first_week_start_date
    from used_weeks
    group by 1, 2

),

calendar as (

    select calendar_date
    from
        {{ date_spine(
            '(select min(first_weeks.first_week_start_date) from first_weeks)',
            as_of_date(),
            'calendar_date'
        ) }}

),

calendar_weeks as (

    select
        {{ start_of_week('calendar_date') }} as week_start_date,
        count(*) as day_count
    from calendar
    group by 1

),

-- Every week from the first use on, so that a feature which nobody uses any
-- more drops to zero and does not just disappear.
feature_weeks as (

    select
        first_weeks.tenant_id,
        first_weeks.feature_key,
        calendar_weeks.week_start_date,
        calendar_weeks.day_count
    from first_weeks
    inner join calendar_weeks
        on first_weeks.first_week_start_date <= calendar_weeks.week_start_date

),

weeks as (

    select
        feature_weeks.tenant_id,
        feature_weeks.week_start_date,
        feature_weeks.feature_key,
        feature_weeks.day_count = 7 as is_complete,
        coalesce(used_weeks.users, 0) as users,
        coalesce(used_weeks.uses, 0) as uses
    from feature_weeks
    left join used_weeks
        on
            feature_weeks.tenant_id = used_weeks.tenant_id
            and feature_weeks.feature_key = used_weeks.feature_key
            and feature_weeks.week_start_date = used_weeks.week_start_date

),

compared as (

    select
        *,
        lag(users) over feature_history as users_previous_week,
        lag(uses) over feature_history as uses_previous_week
    from weeks
    window
        feature_history as (
            partition by tenant_id, feature_key
            order by week_start_date
        )

),

final as (

    select
        ---------- ids
        tenant_id,
        week_start_date,
        feature_key,

        ---------- whether the week has ended
        is_complete,

        ---------- use
        users,
        uses,
        {{ ratio('uses', 'users') }} as uses_per_user,

        ---------- against last week
        users_previous_week,
        uses_previous_week,
        {{ pct_change('uses', 'uses_previous_week') }} as uses_change_pct

    from compared

)

select * from final
