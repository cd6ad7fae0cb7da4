{{
    config(
        materialized='incremental',
        incremental_strategy=incremental_strategy('days'),
        pre_hook="{{ delete_touched_days() }}",
        on_schema_change='fail',
        partition_by=partition_by_day('event_date'),
        cluster_by=['tenant_id', 'event_name'],
        partition_expiration_days=var('retention_days')
    )
}}

-- depends_on: {{ ref('int_touched_days') }}

with

events as (

    select *
    from {{ ref('int_events') }}
    where
        {{ touched_days() }}
        and event_name in (
            'user.identified',
            'user.alias',
            'subscription.tier_changed',
            'subscription.payment_received'
        )

),

final as (

    select
        ---------- ids
        tenant_id,
        event_id,
        stream_key,
        anonymous_id,
        user_id,

        ---------- when
        event_date,
        events.timestamp as event_at,

        ---------- what
        event_name,
        {{ json_text('traits', 'role') }} as role,
        {{ json_text('traits', 'subscription_tier') }} as subscription_tier,
        {{ json_text('properties', 'previous_id') }} as previous_id,
        {{ json_text('properties', 'previous_tier') }} as previous_tier,
        {{ json_text('properties', 'new_tier') }} as new_tier,
        {{ to_amount(json_text('properties', 'amount')) }} as amount

    from events

)

select * from final
