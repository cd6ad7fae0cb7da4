-- The session fragments with their resolved user.

with

fragments as (

    select *
    from {{ ref('int_session_fragments') }}
    where event_date <= {{ as_of_date() }}

),

renames as (

    select * from {{ ref('int_user_renames') }}

),

renamed as (

    select
        fragments.*,
        coalesce(renames.final_user_id, fragments.fragment_user_id)
            as known_user_id
    from fragments
    left join renames
        on
            fragments.tenant_id = renames.tenant_id
            and fragments.fragment_user_id = renames.user_id

),

-- Before the first login of a day the device belongs to the user who used it
-- last, or, before its first login ever, to the first user.
final as (

    select
        renamed.*,
        coalesce(
            last_value(known_user_id ignore nulls) over (
                partition by tenant_id, stream_key
                order by start_at, first_event_id
                rows between unbounded preceding and current row
            ),
            first_value(known_user_id ignore nulls) over (
                partition by tenant_id, stream_key
                order by start_at, first_event_id
                rows between current row and unbounded following
            )
        ) as user_id
    from renamed

)

select * from final
