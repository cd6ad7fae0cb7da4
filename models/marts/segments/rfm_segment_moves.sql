with

segment_changes as (

    select * from {{ ref('int_segment_changes') }}

),

final as (

    select
        ---------- ids
        tenant_id,
        change_date as move_date,
        from_segment,
        to_segment,

        ---------- people
        count(*) as user_count

    from segment_changes
    group by 1, 2, 3, 4

)

select * from final
