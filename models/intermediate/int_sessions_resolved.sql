-- The session fragments with the user whom they belong to.

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

-- Before anybody logged in that day the device is still the one's who used it
-- last, or, before the first login of all, the one's who comes first.
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
