with

uses as (

    select * from {{ ref('int_feature_uses') }}

),

person_days as (

    select * from {{ ref('int_person_days') }}

),

thresholds as (

    select * from {{ ref('adoption_matrix_thresholds') }}

),

windows as (

    select {{ add_days(as_of_date(), '1 - window_length') }} as first_date
    from {{ ref('metric_windows') }}
    where window_name = 'adoption_matrix'

),

-- The last N days are N dates, including as_of_date.
feature_usage as (

    select
        uses.tenant_id,
        uses.feature_key,
        count(distinct uses.user_id) as users_using,
        count(*) as total_uses

    from uses

    cross join windows

    where
        uses.used_date >= windows.first_date
        and uses.used_date <= {{ as_of_date() }}

    group by 1, 2

),

engaged_people as (

    select
        person_days.tenant_id,
        count(distinct person_days.user_id) as engaged_users

    from person_days

    cross join windows

    where
        person_days.activity_date >= windows.first_date
        and person_days.activity_date <= {{ as_of_date() }}
        and person_days.engagement_events > 0

    group by 1

),

joined as (

    select
        feature_usage.tenant_id,
        feature_usage.feature_key,
        feature_usage.users_using,
        coalesce(engaged_people.engaged_users, 0) as engaged_users,
        feature_usage.total_uses

    from feature_usage

    left join engaged_people
        on feature_usage.tenant_id = engaged_people.tenant_id

),

-- By the exact quotients, not by the published, rounded ones.
judged as (

    select
        joined.*,
        100 * joined.users_using
        >= thresholds.min_penetration_pct * joined.engaged_users as is_broad,
        joined.total_uses
        >= thresholds.min_avg_frequency * joined.users_using as is_deep

    from joined

    cross join thresholds

),

final as (

    select
        ---------- ids
        tenant_id,
        feature_key,

        ---------- breadth
        users_using,
        engaged_users,
        {{ pct('users_using', 'engaged_users') }} as penetration_pct,

        ---------- depth
        total_uses,
        {{ ratio('total_uses', 'users_using') }} as avg_frequency,

        ---------- quadrant
        case
            when is_broad and is_deep then 'Core Feature'
            when is_broad then 'Broad but Shallow'
            when is_deep then 'Niche Power Feature'
            else 'Low Engagement'
        end as quadrant

    from judged

)

select * from final
