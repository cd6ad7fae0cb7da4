{{
    config(
        materialized='incremental',
        incremental_strategy=incremental_strategy('days'),
        pre_hook="{{ delete_touched_days() }}",
        on_schema_change='fail',
        partition_by=partition_by_day('event_date'),
        cluster_by=['tenant_id', 'feature_key'],
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
        and event_name in ('feature.exposed', 'feature.used')

),

keyed as (

    select
        *,
        coalesce(
            {{ json_text('properties', 'feature_key') }},
            {{ json_text('properties', 'feature_name') }}
        ) as feature_key,
        {{ json_text('properties', 'variation') }} as variation,
        {{ json_literal('properties', 'variation') }} as variation_literal
    from events

),

final as (

    select
        ---------- ids
        tenant_id,
        event_id,
        stream_key,
        anonymous_id,
        user_id,
        feature_key,

        ---------- when
        event_date,
        keyed.timestamp as event_at,

        ---------- what
        event_name,
        event_name = 'feature.used' as is_use,
        -- A flag exposes unless it evaluates to off; without a variation it is
        -- on. Zero is off as a number, however it is written, but not as a
        -- text.
        event_name = 'feature.exposed'
        and coalesce(variation, 'on') not in ('false', 'off', 'control')
        and not coalesce({{ matches('variation_literal', '^-?[0.]+([eE]|$)') }}, false)
            as is_exposure,
        {{ json_text('traits', 'role') }} as event_role

    from keyed
    where feature_key is not null

)

select * from final
