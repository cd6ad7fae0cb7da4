with

uses as (

    select * from {{ ref('int_feature_uses') }}

),

windows as (

    select * from {{ ref('metric_windows') }}
    where window_name in ('wau', 'mau')

),

person_days as (

    select distinct
        tenant_id,
        feature_key,
        user_id,
        used_date as activity_date
    from uses

),

-- Every day from the first use on, including days without a use.
first_uses as (

    select
        tenant_id,
        feature_key,
        min(used_date) as first_date
    from uses
    group by 1, 2

),

counted as (

    {{ rolling_people(
        person_days='person_days',
        first_dates='first_uses',
        windows='windows',
        keys=['tenant_id', 'feature_key'],
    ) }}

),

final as (

    select
        ---------- ids
        tenant_id,
        feature_key,

        ---------- dates
        activity_date,

        ---------- numerics
        dau,
        wau,
        mau,
        {{ pct('dau', 'mau') }} as stickiness_pct

    from counted

)

select * from final
