with

fragments as (

    select * from {{ ref('int_sessions_resolved') }}

),

final as (

    select
        tenant_id,
        min(event_date) as first_event_date
    from fragments
    group by 1

)

select * from final
