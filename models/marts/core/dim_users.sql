with

people as (

    select * from {{ ref('int_people') }}

),

person_days as (

    select
        tenant_id,
        user_id,
        count(*) as active_day_count,
        sum(event_count) as event_count
    from {{ ref('int_person_days') }}
    group by 1, 2

),

sessions as (

    select
        tenant_id,
        user_id,
        count(*) as session_count,
        count(distinct anonymous_id) as device_count
    from {{ ref('fct_sessions') }}
    where user_id is not null
    group by 1, 2

),

payments as (

    select
        tenant_id,
        user_id,
        sum(amount) as total_revenue
    from {{ ref('int_payments') }}
    group by 1, 2

),

final as (

    select
        ---------- ids
        people.tenant_id,
        people.user_id,

        ---------- times
        people.first_seen_at,
        people.last_seen_at,
        people.signup_at,
        people.signup_date,
        people.signup_month,

        ---------- what they are
        coalesce(people.role, '(unknown)') as role,
        coalesce(people.subscription_tier, '(unknown)') as subscription_tier,
        coalesce(people.initial_tier, '(unknown)') as initial_tier,

        ---------- counts
        coalesce(sessions.device_count, 0) as device_count,
        coalesce(sessions.session_count, 0) as session_count,
        cast(person_days.event_count as {{ type_integer() }}) as event_count,
        person_days.active_day_count,
        cast(coalesce(payments.total_revenue, 0) as {{ type_exact() }})
            as total_revenue

    from people
    inner join person_days
        on
            people.tenant_id = person_days.tenant_id
            and people.user_id = person_days.user_id
    left join sessions
        on
            people.tenant_id = sessions.tenant_id
            and people.user_id = sessions.user_id
    left join payments
        on
            people.tenant_id = payments.tenant_id
            and people.user_id = payments.user_id

)

select * from final
