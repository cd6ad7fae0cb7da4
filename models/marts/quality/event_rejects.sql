{{ config(materialized='view') }}

with

landed as (

    select *
    from {{ ref('stg_events') }}
    where
        _loaded_at >= cast('1970-01-01' as timestamp)
        and reject_reason is not null
        -- By time of receipt, because the event time of a rejected row may be
        -- wrong.
        and (
            received_at is null
            or {{ date_of('received_at') }} <= {{ as_of_date() }}
        )

),

final as (

    select
        ---------- ids
        tenant_id,
        event_id,
        user_id,
        anonymous_id,

        ---------- why
        reject_reason,

        ---------- what and when
        event_name,
        landed.timestamp,
        received_at,
        properties,
        traits,
        _landing_key as landing_key

    from landed

)

select * from final
