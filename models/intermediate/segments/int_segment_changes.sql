with

person_days as (

    select * from {{ ref('int_person_days') }}

),

rfm_grid as (

    select * from {{ ref('int_rfm_grid') }}

),

windows as (

    select window_length as window_days
    from {{ ref('metric_windows') }}
    where window_name = 'rfm'

),

engaged_days as (

    select
        tenant_id,
        user_id,
        activity_date,
        lead(activity_date) over (
            partition by tenant_id, user_id
            order by activity_date
        ) as next_activity_date
    from person_days
    where
        engagement_events > 0
        and activity_date <= {{ as_of_date() }}

),

-- The days since the last active day after which the recency score drops.
recency_steps as (

    select later.days_since_last_activity as days_away
    from rfm_grid as earlier
    inner join rfm_grid as later
        on
            earlier.days_since_last_activity + 1 = later.days_since_last_activity
            and earlier.activity_days = later.activity_days
    where
        earlier.activity_days = 1
        and earlier.recency_score != later.recency_score

),

-- A person's segment can change only on an active day, when that day leaves the
-- window, and when the person has been away long enough to score less. So the
-- whole history needs only a few dates for each active day.
steps as (

    select
        tenant_id,
        user_id,
        activity_date as step_date,
        activity_date as active_date,
        1 as day_change
    from engaged_days

    union all

    select
        engaged_days.tenant_id,
        engaged_days.user_id,
        {{ add_days('engaged_days.activity_date', 'windows.window_days') }}
            as step_date,
        cast(null as date) as active_date,
        -1 as day_change
    from engaged_days
    cross join windows

    union all

    select
        engaged_days.tenant_id,
        engaged_days.user_id,
        {{ add_days('engaged_days.activity_date', 'recency_steps.days_away') }}
            as step_date,
        cast(null as date) as active_date,
        0 as day_change
    from engaged_days
    cross join recency_steps
    where
        engaged_days.next_activity_date is null
        or engaged_days.next_activity_date
        > {{ add_days('engaged_days.activity_date', 'recency_steps.days_away') }}

),

steps_by_date as (

    select
        tenant_id,
        user_id,
        step_date,
        max(active_date) as active_date,
        sum(day_change) as day_change
    from steps
    where step_date <= {{ as_of_date() }}
    group by 1, 2, 3

),

walked as (

    select
        tenant_id,
        user_id,
        step_date,
        sum(day_change) over steps_so_far as activity_days,
        max(active_date) over steps_so_far as last_activity_date
    from steps_by_date
    window
        steps_so_far as (
            partition by tenant_id, user_id
            order by step_date
            rows between unbounded preceding and current row
        )

),

-- People without an engaged day in the window have no segment.
segmented as (

    select
        walked.tenant_id,
        walked.user_id,
        walked.step_date,
        coalesce(rfm_grid.behavioral_segment, '(none)') as behavioral_segment
    from walked
    left join rfm_grid
        on
            {{ days_between('walked.last_activity_date', 'walked.step_date') }}
            = rfm_grid.days_since_last_activity
            and walked.activity_days = rfm_grid.activity_days

),

compared as (

    select
        *,
        coalesce(
            lag(behavioral_segment) over (
                partition by tenant_id, user_id
                order by step_date
            ),
            '(none)'
        ) as previous_segment
    from segmented

),

changed as (

    select * from compared
    where behavioral_segment != previous_segment

),

final as (

    select
        ---------- ids
        tenant_id,
        user_id,
        step_date as change_date,

        ---------- the move
        previous_segment as from_segment,
        behavioral_segment as to_segment,
        lead(step_date) over (
            partition by tenant_id, user_id
            order by step_date
        ) is null as is_latest

    from changed

)

select * from final
