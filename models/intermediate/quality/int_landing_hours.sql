{{
    config(
        materialized='incremental',
        incremental_strategy=incremental_strategy('rows'),
        unique_key=['received_hour_at', '_loaded_at'],
        on_schema_change='fail'
    )
}}

with

landed as (

    select
        received_at,
        _loaded_at
    from {{ ref('stg_events') }}
    where
        _loaded_at > {{ newest_build() if is_incremental() else "cast('1970-01-01' as timestamp)" }}
        and received_at is not null

),

final as (

    select distinct
        {{ start_of_hour('received_at') }} as received_hour_at,
        _loaded_at
    from landed

)

select * from final
