with

person_days as (

    select * from {{ ref('int_person_days') }}

),

profile_events as (

    select * from {{ ref('int_profile_events_resolved') }}

),

seen as (

    select
        tenant_id,
        user_id,
        min(first_event_at) as first_seen_at,
        max(last_event_at) as last_seen_at
    from person_days
    group by 1, 2

),

-- One position for each event about a person, in order.
ordered as (

    select
        profile_events.*,
        case
            when event_name = 'user.identified' then subscription_tier
            when event_name = 'subscription.tier_changed' then new_tier
        end as said_tier,
        row_number() over (
            partition by tenant_id, resolved_user_id
            order by event_at, event_id
        ) as position_in_life
    from profile_events

),

profiles as (

    select
        tenant_id,
        resolved_user_id as user_id,
        min(case when event_name = 'user.identified' then event_at end)
            as signup_at,
        {{ first_by(
            "case when event_name = 'user.identified' then subscription_tier end",
            'position_in_life'
        ) }} as initial_tier,
        {{ last_by('said_tier', 'position_in_life') }} as subscription_tier,
        {{ last_by(
            "case when event_name = 'user.identified' then role end",
            'position_in_life'
        ) }} as role
    from ordered
    group by 1, 2

),

final as (

    select
        ---------- ids
        seen.tenant_id,
        seen.user_id,

        ---------- signup
        profiles.signup_at,
        {{ date_of('profiles.signup_at') }} as signup_date,
        {{ start_of_month(date_of('profiles.signup_at')) }} as signup_month,
        {{ start_of_week(date_of('profiles.signup_at')) }} as signup_week,

        ---------- what they are
        profiles.initial_tier,
        profiles.subscription_tier,
        profiles.role,

        ---------- when they were here
        seen.first_seen_at,
        seen.last_seen_at

    from seen
    left join profiles
        on
            seen.tenant_id = profiles.tenant_id
            and seen.user_id = profiles.user_id

)

select * from final
