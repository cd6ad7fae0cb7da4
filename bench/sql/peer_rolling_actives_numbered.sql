-- The same with people who come with a number, at no cost to this engine.
with daily as (
    select
        tenant_id,
        activity_date,
        groupBitmapStateIf(user_number, is_active) as active,
        groupBitmapStateIf(user_number, is_engaged) as engaged
    from person_days
    group by tenant_id, activity_date
)
select
    tenant_id,
    addDays(daily.activity_date, n) as activity_date,
    groupBitmapMergeIf(active, n = 0) as dau,
    groupBitmapMergeIf(active, n < 7) as wau,
    groupBitmapMerge(active) as mau,
    groupBitmapMergeIf(engaged, n = 0) as engaged_dau,
    groupBitmapMergeIf(engaged, n < 7) as engaged_wau,
    groupBitmapMerge(engaged) as engaged_mau
from daily
array join range(30) as n
where addDays(daily.activity_date, n) <= toDate32('{as_of}')
group by tenant_id, addDays(daily.activity_date, n)
