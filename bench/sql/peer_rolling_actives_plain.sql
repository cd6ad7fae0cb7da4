-- Exact trailing counts as one would write them: each active day seen by thirty days, people told
-- apart by their id.
select
    tenant_id,
    addDays(person_days.activity_date, n) as activity_date,
    uniqExactIf(user_id, is_active and n = 0) as dau,
    uniqExactIf(user_id, is_active and n < 7) as wau,
    uniqExactIf(user_id, is_active) as mau,
    uniqExactIf(user_id, is_engaged and n = 0) as engaged_dau,
    uniqExactIf(user_id, is_engaged and n < 7) as engaged_wau,
    uniqExactIf(user_id, is_engaged) as engaged_mau
from person_days
array join range(30) as n
where addDays(person_days.activity_date, n) <= toDate32('{as_of}')
group by tenant_id, addDays(person_days.activity_date, n)
