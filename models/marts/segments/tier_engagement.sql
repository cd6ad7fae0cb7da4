with

person_days as (

    select * from {{ ref('int_person_days') }}

),

people as (

    select * from {{ ref('int_people') }}

),

subscription_tiers as (

    select * from {{ ref('subscription_tiers') }}

),

windows as (

    select {{ add_days(as_of_date(), '1 - window_length') }} as first_date
    from {{ ref('metric_windows') }}
    where window_name = 'tier_engagement'

),

active_people as (

    select
        person_days.tenant_id,
        person_days.user_id,
        {{ days_between(
            'min(person_days.activity_date)', 'max(person_days.activity_date)'
        ) }} as tenure_days,
        count(*) as active_days
    from person_days
    cross join windows
    where
        person_days.activity_events > 0
        and person_days.activity_date >= windows.first_date
        and person_days.activity_date <= {{ as_of_date() }}
    group by 1, 2

),

tiered as (

    select
        active_people.tenant_id,
        active_people.tenure_days,
        active_people.active_days,
        coalesce(people.subscription_tier, '(unknown)') as subscription_tier
    from active_people
    left join people
        on
            active_people.tenant_id = people.tenant_id
            and active_people.user_id = people.user_id

),

summed as (

    select
        tenant_id,
        subscription_tier,
        count(*) as user_count,
        cast(sum(tenure_days) as {{ type_integer() }}) as tenure_days,
        cast(sum(active_days) as {{ type_integer() }}) as active_days
    from tiered
    group by 1, 2

),

final as (

    select
        ---------- ids
        summed.tenant_id,
        summed.subscription_tier,

        ---------- tier
        cast(subscription_tiers.tier_rank as {{ type_integer() }}) as tier_rank,

        ---------- people
        summed.user_count,
        {{ ratio('summed.tenure_days', 'summed.user_count') }}
            as avg_tenure_days,
        {{ ratio('summed.active_days', 'summed.user_count') }}
            as avg_active_days

    from summed
    left join subscription_tiers
        on summed.subscription_tier = subscription_tiers.tier

)

select * from final
