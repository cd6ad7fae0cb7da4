{{ config(enabled=var('use_adoption')) }}

-- Who was active on a day was active in its week, and in its month. The days of
-- a feature leave no gap and end with as_of_date.
with

active_users as (

    select * from {{ ref('feature_active_users') }}

),

stepped as (

    select
        *,
        lead(activity_date) over (
            partition by tenant_id, feature_key
            order by activity_date
        ) as next_date

    from active_users

)

select * from stepped
where
    dau > wau
    or wau > mau
    or coalesce(next_date, {{ add_days(as_of_date(), 1) }})
    != {{ add_days('activity_date', 1) }}
