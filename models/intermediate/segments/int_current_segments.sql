with

segment_changes as (

    select * from {{ ref('int_segment_changes') }}

),

-- A person who left the window keeps a row, so that a snapshot dates the move
-- by as_of_date. It would date a missing row by the clock.
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
