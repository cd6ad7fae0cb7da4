{{
    config(
        materialized='incremental',
        incremental_strategy=incremental_strategy('rows'),
        unique_key=['tenant_id', 'event_id', 'copy_number'],
        on_schema_change='fail'
    )
}}

-- An increment reads the events that share an id with a new row, a full build
-- reads all of them (in two scans, because they do not fit into memory).
{% set candidates = 'same_ids' if is_incremental() else ref('stg_events') %}

with

{% if is_incremental() %}
new_ids as (

    select distinct
        tenant_id,
        event_id
    from {{ ref('stg_events') }}
    where
        _loaded_at > {{ newest_build() }}
        and reject_reason is null

),

-- An id can return at any time, so the search covers all rows that ever landed.
landed as (

    select * from {{ ref('stg_events') }}
    where {{ landed_with_copies() }}

),

same_ids as (

    select landed.*
    from landed
    inner join new_ids
        on
            landed.tenant_id = new_ids.tenant_id
            and landed.event_id = new_ids.event_id

),
{% endif %}

repeated_ids as (

    select
        tenant_id,
        event_id
    from {{ candidates }}
    where
        _loaded_at >= cast('1970-01-01' as timestamp)
        and reject_reason is null
    group by 1, 2
    having count(*) > 1

),

copies as (

    select
        candidates.*,
        {{ event_fingerprint('candidates') }} as fingerprint
    from {{ candidates }} as candidates
    inner join repeated_ids
        on
            candidates.tenant_id = repeated_ids.tenant_id
            and candidates.event_id = repeated_ids.event_id
    where
        candidates._loaded_at >= cast('1970-01-01' as timestamp)
        and candidates.reject_reason is null

),

-- The first received wins; between copies received at the same instant the
-- whole row decides, so that the winner does not depend on the order in which
-- they landed.
final as (

    select
        ---------- ids
        tenant_id,
        event_id,
        row_number() over (
            partition by tenant_id, event_id
            order by
                received_at,
                copies.timestamp,
                event_name,
                event_version nulls first,
                user_id nulls first,
                anonymous_id nulls first,
                client_session_id nulls first,
                sent_at nulls first,
                {{ json_string('properties') }},
                {{ json_string('traits') }},
                fingerprint
        ) as copy_number,
        fingerprint,

        ---------- where it counts
        stream_key,
        event_date,
        received_at

    from copies

)

select * from final
