-- The final id of each renamed user. A `user.alias` whose previous_id is not
-- its own device renames previous_id to user_id; chains are walked to their
-- end, inside the tenant, so the order in which they arrived does not matter.

with recursive

aliases as (

    select *
    from {{ ref('int_profile_events') }}
    where
        event_date <= {{ as_of_date() }}
        and event_name = 'user.alias'
        and user_id is not null
        and previous_id is not null
        and previous_id != ''
        and previous_id != user_id
        and (anonymous_id is null or previous_id != anonymous_id)

),

-- An id that was renamed more than once follows its latest rename.
renames as (

    select
        tenant_id,
        previous_id as from_user_id,
        user_id as to_user_id,
        row_number() over (
            partition by tenant_id
            order by event_at, event_id
        ) as rename_order
    from aliases
    qualify
        row_number() over (
            partition by tenant_id, previous_id
            order by event_at desc, event_id desc
        ) = 1

),

-- Walk from every renamed id, one rename per step. The walk ends at an id that
-- was not renamed, back at its start (a cycle), or at the limit.
walks as (

    select
        tenant_id,
        from_user_id as start_user_id,
        to_user_id as user_id,
        rename_order,
        1 as step
    from renames

    union all

    select
        walks.tenant_id,
        walks.start_user_id,
        renames.to_user_id as user_id,
        renames.rename_order,
        walks.step + 1 as step
    from walks
    inner join renames
        on
            walks.tenant_id = renames.tenant_id
            and walks.user_id = renames.from_user_id
    where
        walks.user_id != walks.start_user_id
        and walks.step < {{ var('max_rename_chain') }}

),

-- In a cycle the target of its latest rename is final.
cycle_starts as (

    select
        tenant_id,
        start_user_id
    from walks
    where user_id = start_user_id

),

cycle_ends as (

    select
        walks.tenant_id,
        walks.start_user_id,
        walks.user_id as final_user_id
    from walks
    inner join cycle_starts
        on
            walks.tenant_id = cycle_starts.tenant_id
            and walks.start_user_id = cycle_starts.start_user_id
    qualify
        row_number() over (
            partition by walks.tenant_id, walks.start_user_id
            order by walks.rename_order desc
        ) = 1

),

-- A walk that leads into a cycle ends at the final id of that cycle.
into_cycle_ends as (

    select
        walks.tenant_id,
        walks.start_user_id,
        cycle_ends.final_user_id
    from walks
    inner join cycle_ends
        on
            walks.tenant_id = cycle_ends.tenant_id
            and walks.user_id = cycle_ends.start_user_id
    qualify
        row_number() over (
            partition by walks.tenant_id, walks.start_user_id
            order by walks.step
        ) = 1

),

chain_ends as (

    select
        walks.tenant_id,
        walks.start_user_id,
        walks.user_id as final_user_id
    from walks
    left join renames
        on
            walks.tenant_id = renames.tenant_id
            and walks.user_id = renames.from_user_id
    where renames.from_user_id is null

),

-- An id that is further from its end than the limit is in neither, and stays
-- unchanged.
final as (

    select
        tenant_id,
        start_user_id as user_id,
        final_user_id
    from chain_ends

    union all

    select
        tenant_id,
        start_user_id as user_id,
        final_user_id
    from into_cycle_ends
    where start_user_id != final_user_id

)

select * from final
