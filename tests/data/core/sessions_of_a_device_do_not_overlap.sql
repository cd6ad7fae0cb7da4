-- The sessions of a device follow one another. Two that meet at one instant are
-- two users of the same device.

with

sessions as (

    select * from {{ ref('fct_sessions') }}

),

lagged as (

    select
        *,
        lag(session_end_at) over device as previous_end_at,
        lag(user_id) over device as previous_user_id
    from sessions
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
        and (
            user_id is null
            or previous_user_id is null
            or user_id = previous_user_id
        )
    )
