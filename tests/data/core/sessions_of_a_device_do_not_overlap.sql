-- The sessions of a device follow one another. Two that meet at one instant are
-- two users of the same device; of several that are no longer than this instant
-- nobody can tell from the mart which was the first.

with

sessions as (

    select * from {{ ref('fct_sessions') }}

),

counted as (

    select
        *,
        sum(case when session_start_at = session_end_at then 1 else 0 end)
            over (
                partition by tenant_id, anonymous_id, session_start_at
            ) as instant_sessions
    from sessions

),

lagged as (

    select
        *,
        lag(session_end_at) over device as previous_end_at,
        lag(user_id) over device as previous_user_id,
        lag(instant_sessions) over device as previous_instant_sessions
    from counted
    window
        device as (
            partition by tenant_id, anonymous_id
            order by session_start_at, session_end_at
        )

)

select * from lagged
where
    session_start_at < previous_end_at
    or (
        session_start_at
        <= {{ add_seconds('previous_end_at', var('session_timeout_seconds')) }}
        and instant_sessions <= 1
        and previous_instant_sessions <= 1
        and (
            user_id is null
            or previous_user_id is null
            or user_id = previous_user_id
        )
    )
