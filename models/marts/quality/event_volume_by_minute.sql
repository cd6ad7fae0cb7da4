{{ config(materialized='view', meta={'partition_column': 'event_date'}) }}

with

event_minutes as (

    select * from {{ ref('int_event_minutes') }}
    where event_date <= {{ as_of_date() }}

),

final as (

    select
        ---------- ids
        tenant_id,
        event_date,
        minute_at,
        event_name,

        ---------- volume
        event_count

    from event_minutes

)

select * from final
