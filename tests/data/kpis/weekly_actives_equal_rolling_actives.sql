-- Two ways to the same number: the people of a complete ISO week, counted, and the rolling seven days on its Sunday.

with

weeks as (

    select * from {{ ref('weekly_product_health') }}
    where is_complete

),

days as (

    select * from {{ ref('active_users_daily') }}

)

select
    weeks.tenant_id,
    weeks.week_start_date,
    weeks.wau,
    days.engaged_wau
from weeks
left join days
    on
        weeks.tenant_id = days.tenant_id
        and {{ add_days('weeks.week_start_date', 6) }} = days.activity_date
where weeks.wau != coalesce(days.engaged_wau, -1)
