with

fragments as (

    select *
    from {{ ref('int_sessions_resolved') }}
    where link_count > 0

),

final as (

    select
        ---------- ids
        tenant_id,
        anonymous_id,
        fragment_user_id as user_id,
        max(known_user_id) as resolved_user_id,

        ---------- times
        min(first_linked_at) as first_identified_at,
        max(last_linked_at) as last_seen_at,

        ---------- counts
        cast(sum(link_count) as {{ type_integer() }}) as event_count,
        {{ any_where('has_alias_event') }} as has_alias_event

    from fragments
    group by 1, 2, 3

)

select * from final
