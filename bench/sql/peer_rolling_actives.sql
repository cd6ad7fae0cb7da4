-- Exact trailing counts the quick way of this engine: people numbered once, a bitmap of them for
-- each day, each day's bitmap merged into the thirty days that see it.
with numbers as (
    select tenant_id, user_id, toUInt32(rowNumberInAllBlocks()) as number
    from (select distinct tenant_id, user_id from person_days)
),
daily as (
    select
        person_days.tenant_id as tenant_id,
        person_days.activity_date as activity_date,
        groupBitmapStateIf(numbers.number, is_active) as active,
        groupBitmapStateIf(numbers.number, is_engaged) as engaged
    from person_days
    inner join numbers
        on person_days.tenant_id = numbers.tenant_id and person_days.user_id = numbers.user_id
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
