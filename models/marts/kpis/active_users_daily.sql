with

tenants as (

    select * from {{ ref('int_tenants') }}

),

person_days as (

    select * from {{ ref('int_person_days') }}

),

-- Each person's days, and the next one on which they were active or engaged.
followed as (

    select
        tenant_id,
        activity_date,
        activity_events > 0 as is_active,
        engagement_events > 0 as is_engaged,
        min(case when activity_events > 0 then activity_date end)
            over later_days as next_active_date,
        min(case when engagement_events > 0 then activity_date end)
            over later_days as next_engaged_date
    from person_days
    window
        later_days as (
            partition by tenant_id, user_id
            order by activity_date
            rows between 1 following and unbounded following
        )

),

-- What follows needs no person any more, only how many there are of a kind.
counted_days as (

    select
        tenant_id,
        activity_date,
        is_active,
        is_engaged,
        next_active_date,
        next_engaged_date,
        count(*) as people
    from followed
    group by 1, 2, 3, 4, 5, 6

),

active_days as (

    select
        tenant_id,
        activity_date,
        'activity' as kind,
        next_active_date as next_date,
        people
    from counted_days
    where is_active

    union all

    select
        tenant_id,
        activity_date,
        'engagement' as kind,
        next_engaged_date as next_date,
        people
    from counted_days
    where is_engaged

),

-- An active day keeps its person counted until the window behind it ends, or
-- until the person's next active day takes over: nobody is counted twice.
spans as (

    select
        tenant_id,
        kind,
        activity_date,
        least(
            {{ add_days('activity_date', 7) }},
            coalesce(next_date, {{ add_days('activity_date', 7) }})
        ) as wau_end_date,
        least(
            {{ add_days('activity_date', 30) }},
            coalesce(next_date, {{ add_days('activity_date', 30) }})
        ) as mau_end_date,
        people
    from active_days

),

-- So a window's count is a running sum of people who enter and leave it, and
-- costs one step a day, however many people there are.
changes as (

    select
        tenant_id,
        kind,
        activity_date,
        sum(people) as active,
        sum(people) as wau_change,
        sum(people) as mau_change
    from spans
    group by 1, 2, 3

    union all

    select
        tenant_id,
        kind,
        wau_end_date as activity_date,
        0 as active,
        -sum(people) as wau_change,
        0 as mau_change
    from spans
    group by 1, 2, 3

    union all

    select
        tenant_id,
        kind,
        mau_end_date as activity_date,
        0 as active,
        0 as wau_change,
        -sum(people) as mau_change
    from spans
    group by 1, 2, 3

),

changes_by_day as (

    select
        tenant_id,
        activity_date,
        sum(case when kind = 'activity' then active else 0 end) as dau,
        sum(case when kind = 'activity' then wau_change else 0 end)
            as wau_change,
        sum(case when kind = 'activity' then mau_change else 0 end)
            as mau_change,
        sum(case when kind = 'engagement' then active else 0 end)
            as engaged_dau,
        sum(case when kind = 'engagement' then wau_change else 0 end)
            as engaged_wau_change,
        sum(case when kind = 'engagement' then mau_change else 0 end)
            as engaged_mau_change
    from changes
    group by 1, 2

),

calendar as (

    select activity_date
    from
        {{ date_spine(
            '(select min(tenants.first_event_date) from tenants)',
            as_of_date(),
            'activity_date'
        ) }}

),

tenant_days as (

    select
        tenants.tenant_id,
        calendar.activity_date
    from tenants
    inner join calendar
        on tenants.first_event_date <= calendar.activity_date

),

counted as (

    select
        tenant_days.tenant_id,
        tenant_days.activity_date,
        coalesce(changes_by_day.dau, 0) as dau,
        sum(coalesce(changes_by_day.wau_change, 0)) over days_so_far as wau,
        sum(coalesce(changes_by_day.mau_change, 0)) over days_so_far as mau,
        coalesce(changes_by_day.engaged_dau, 0) as engaged_dau,
        sum(coalesce(changes_by_day.engaged_wau_change, 0)) over days_so_far
            as engaged_wau,
        sum(coalesce(changes_by_day.engaged_mau_change, 0)) over days_so_far
            as engaged_mau
    from tenant_days
    left join changes_by_day
        on
            tenant_days.tenant_id = changes_by_day.tenant_id
            and tenant_days.activity_date = changes_by_day.activity_date
    window
        days_so_far as (
            partition by tenant_days.tenant_id
            order by tenant_days.activity_date
            rows between unbounded preceding and current row
        )

),

typed as (

    select
        tenant_id,
        activity_date,
        cast(dau as {{ type_integer() }}) as dau,
        cast(wau as {{ type_integer() }}) as wau,
        cast(mau as {{ type_integer() }}) as mau,
        cast(engaged_dau as {{ type_integer() }}) as engaged_dau,
        cast(engaged_wau as {{ type_integer() }}) as engaged_wau,
        cast(engaged_mau as {{ type_integer() }}) as engaged_mau
    from counted

),

final as (

    select
        ---------- ids
        tenant_id,
        activity_date,

        ---------- people with any activity
        dau,
        wau,
        mau,
        {{ pct('dau', 'mau') }} as stickiness_pct,
        {{ pct('wau', 'mau') }} as engagement_pct,

        ---------- people with an engagement event
        engaged_dau,
        engaged_wau,
        engaged_mau,
        {{ pct('engaged_dau', 'engaged_mau') }} as engaged_stickiness_pct,
        {{ pct('engaged_wau', 'engaged_mau') }} as engaged_engagement_pct

    from typed

)

select * from final
