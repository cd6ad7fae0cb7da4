with

tenants as (

    select * from {{ ref('int_tenants') }}

),

person_days as (

    select * from {{ ref('int_person_days') }}

),

windows as (

    select * from {{ ref('metric_windows') }}
    where window_name in ('wau', 'mau')

),

-- A person is counted twice: among the active people, and among the engaged.
days_of_a_kind as (

    select
        tenant_id,
        'activity' as kind,
        user_id,
        activity_date
    from person_days
    where activity_events > 0

    union all

    select
        tenant_id,
        'engagement' as kind,
        user_id,
        activity_date
    from person_days
    where engagement_events > 0

),

-- Every day from the tenant's first event on, including days without activity.
first_dates as (

    select
        tenant_id,
        'activity' as kind,
        first_event_date as first_date
    from tenants

    union all

    select
        tenant_id,
        'engagement' as kind,
        first_event_date as first_date
    from tenants

),

counted as (

    {{ rolling_people(
        person_days='days_of_a_kind',
        first_dates='first_dates',
        windows='windows',
        keys=['tenant_id', 'kind'],
    ) }}

),

-- One row per day, with both kinds of people.
joined as (

    select
        tenant_id,
        activity_date,
        max(case when kind = 'activity' then dau end) as dau,
        max(case when kind = 'activity' then wau end) as wau,
        max(case when kind = 'activity' then mau end) as mau,
        max(case when kind = 'engagement' then dau end) as engaged_dau,
        max(case when kind = 'engagement' then wau end) as engaged_wau,
        max(case when kind = 'engagement' then mau end) as engaged_mau
    from counted
    group by 1, 2

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

    from joined

)

select * from final
