with

profile_events as (

    select * from {{ ref('int_profile_events_resolved') }}

),

final as (

    select
        tenant_id,
        event_id,
        resolved_user_id as user_id,
        event_at as paid_at,
        event_date as paid_date,
        amount
    from profile_events
    where
        event_name = 'subscription.payment_received'
        and amount is not null

)

select * from final
