-- Two ways to the same number: the people of a complete ISO week, counted, and
-- the rolling seven days on its Sunday. Where wau looks at another number of days
-- there is nothing to compare.

with

weeks as (

    select * from {{ ref('weekly_product_health') }}
    where is_complete

),

days as (

    select * from {{ ref('active_users_daily') }}

),

windows as (

    select * from {{ ref('metric_windows') }}
    where
        window_name = 'wau'
        and window_length = 7

)

select
    weeks.tenant_id,
    weeks.week_start_date,
    weeks.wau,
    days.engaged_wau
from weeks
cross join windows
left join days
    on
        weeks.tenant_id = days.tenant_id
        and {{ add_days('weeks.week_start_date', 6) }} = days.activity_date
where weeks.wau != coalesce(days.engaged_wau, -1)
