{{ config(tags=['whole_history']) }}

-- The same money as events that have a user, as payments and as people.

with

events as (

    select
        tenant_id,
        sum({{ to_amount(json_text('properties', 'amount')) }}) as revenue
    from {{ ref('fct_events') }}
    where
        event_date <= {{ as_of_date() }}
        and event_name = 'subscription.payment_received'
        and user_id is not null
    group by 1

),

payments as (

    select
        tenant_id,
        sum(amount) as revenue
    from {{ ref('int_payments') }}
    group by 1

),

people as (

    select
        tenant_id,
        sum(total_revenue) as revenue
    from {{ ref('dim_users') }}
    group by 1

)

select
    coalesce(events.tenant_id, people.tenant_id) as tenant_id,
    events.revenue as revenue_of_events,
    payments.revenue as revenue_of_payments,
    people.revenue as revenue_of_people
from events
full outer join people
    on events.tenant_id = people.tenant_id
left join payments
    on coalesce(events.tenant_id, people.tenant_id) = payments.tenant_id
where
    coalesce(events.revenue, 0) != coalesce(payments.revenue, 0)
    or coalesce(events.revenue, 0) != coalesce(people.revenue, 0)
