with

segment_changes as (

    select * from {{ ref('int_segment_changes') }}

),

-- Who left the window keeps a row that says so: a snapshot can then date the
-- leaving by as_of_date, where a vanished row would be dated by the clock.
final as (

    select
        ---------- ids
        tenant_id,
        user_id,

        ---------- segment
        to_segment as behavioral_segment,
        {{ start_of_day(as_of_date()) }} as as_of_at

    from segment_changes
    where is_latest

)

select * from final
