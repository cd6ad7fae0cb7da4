with

profile_events as (

    select *
    from {{ ref('int_profile_events_resolved') }}
    where event_name = 'subscription.tier_changed'

),

tiers as (

    select * from {{ ref('subscription_tiers') }}

),

final as (

    select
        profile_events.tenant_id,
        profile_events.event_id,
        profile_events.resolved_user_id as user_id,
        profile_events.event_at as changed_at,
        profile_events.previous_tier,
        profile_events.new_tier,
        new_tiers.tier_rank - previous_tiers.tier_rank as tier_step
    from profile_events
    left join tiers as previous_tiers
        on profile_events.previous_tier = previous_tiers.tier
    left join tiers as new_tiers
        on profile_events.new_tier = new_tiers.tier

)

select * from final
