{{ config(enabled=var('use_segments')) }}

-- Revenue by person equals the payments of the window of the people who have a row.

with

windows as (

    select {{ add_days(as_of_date(), '1 - window_length') }} as first_date
    from {{ ref('metric_windows') }}
    where window_name = 'rfm'

),

payments as (

    select payments.*
    from {{ ref('int_payments') }} as payments
    cross join windows
    where
        payments.paid_date >= windows.first_date
        and payments.paid_date <= {{ as_of_date() }}

),

user_rfm as (

    select * from {{ ref('user_rfm') }}

),

paid as (

    select
        payments.tenant_id,
        sum(payments.amount) as revenue
    from payments
    inner join user_rfm
        on
            payments.tenant_id = user_rfm.tenant_id
            and payments.user_id = user_rfm.user_id
    group by 1

),

scored as (

    select
        tenant_id,
        sum(total_revenue) as revenue
    from user_rfm
    group by 1

)

select
    scored.tenant_id,
    scored.revenue,
    paid.revenue as revenue_paid
from scored
left join paid
    on scored.tenant_id = paid.tenant_id
where scored.revenue != coalesce(paid.revenue, 0)
