with

exposures as (

    select * from {{ ref('int_feature_exposures') }}

),

uses as (

    select * from {{ ref('int_feature_uses') }}

),

stage_rules as (

    select * from {{ ref('adoption_stage_rules') }}

),

maturity as (

    select window_length as mature_days
    from {{ ref('metric_windows') }}
    where window_name = 'mature_exposure'

),

-- The windows of the rules, and those that are published.
windows as (

    select window_days
    from stage_rules

    union distinct

    select 7 as window_days

    union distinct

    select 30 as window_days

),

-- Only events from the first exposure on count, in exact time. A person who
-- never used the feature stays, with nulls. All windows are whole days of
-- 86,400 seconds, so the day since exposure is as exact as the instant.
uses_since_exposure as (

    select
        exposures.tenant_id,
        exposures.user_id,
        exposures.feature_key,
        exposures.first_exposed_at,
        uses.used_at,
        uses.used_date,
        {{ int_divide(
            micros_between('exposures.first_exposed_at', 'uses.used_at'),
            '86400000000'
        ) }} as days_since_exposure

    from exposures

    left join uses
        on
            exposures.tenant_id = uses.tenant_id
            and exposures.user_id = uses.user_id
            and exposures.feature_key = uses.feature_key
            and exposures.first_exposed_at <= uses.used_at

),

-- Far fewer rows than uses, before the join with the windows multiplies them.
use_days as (

    select
        tenant_id,
        user_id,
        feature_key,
        first_exposed_at,
        used_date,
        days_since_exposure,
        min(used_at) as first_used_at,
        count(used_at) as use_count

    from uses_since_exposure

    group by 1, 2, 3, 4, 5, 6

),

-- A date may be partly inside a window and partly outside.
window_dates as (

    select
        use_days.tenant_id,
        use_days.user_id,
        use_days.feature_key,
        use_days.first_exposed_at,
        windows.window_days,
        use_days.used_date,
        min(use_days.first_used_at) as first_used_at,
        min(use_days.days_since_exposure) as days_since_exposure,
        sum(
            case
                when use_days.days_since_exposure < windows.window_days
                    then use_days.use_count
                else 0
            end
        ) as use_count

    from use_days

    cross join windows

    group by 1, 2, 3, 4, 5, 6

),

window_totals as (

    select
        tenant_id,
        user_id,
        feature_key,
        first_exposed_at,
        window_days,
        min(first_used_at) as first_used_at,
        min(days_since_exposure) as days_to_first_use,
        sum(use_count) as use_count,
        {{ count_where('use_count > 0') }} as day_count

    from window_dates

    group by 1, 2, 3, 4, 5

),

-- Each stage has its own rule, and the highest one met wins: three uses after
-- the first week make a person Adopted who never was Tried.
ranked as (

    select
        window_totals.tenant_id,
        window_totals.user_id,
        window_totals.feature_key,
        window_totals.first_exposed_at,
        min(window_totals.first_used_at) as first_used_at,
        min(window_totals.days_to_first_use) as days_to_first_use,
        max(
            case
                when window_totals.window_days = 7
                    then window_totals.use_count
            end
        ) as uses_7d,
        max(
            case
                when window_totals.window_days = 30
                    then window_totals.use_count
            end
        ) as uses_30d,
        max(
            case
                when window_totals.window_days = 30
                    then window_totals.day_count
            end
        ) as days_used_30d,
        max(stage_rules.stage_rank) as stage_rank

    from window_totals

    left join stage_rules
        on
            window_totals.window_days = stage_rules.window_days
            and window_totals.use_count >= stage_rules.min_uses
            and window_totals.day_count >= stage_rules.min_days_used

    group by 1, 2, 3, 4

),

final as (

    select
        ---------- ids
        ranked.tenant_id,
        ranked.user_id,
        ranked.feature_key,

        ---------- timestamps
        ranked.first_exposed_at,
        ranked.first_used_at,

        ---------- numerics
        ranked.days_to_first_use,
        cast(ranked.uses_7d as {{ type_integer() }}) as uses_7d,
        cast(ranked.uses_30d as {{ type_integer() }}) as uses_30d,
        cast(ranked.days_used_30d as {{ type_integer() }}) as days_used_30d,

        ---------- stage
        stage_rules.adoption_stage,
        cast(ranked.stage_rank as {{ type_integer() }}) as stage_rank,

        ---------- booleans
        {{ micros_between(
            'ranked.first_exposed_at',
            start_of_day(add_days(as_of_date(), 1))
        ) }} >= maturity.mature_days * 86400000000 as is_mature

    from ranked

    cross join maturity

    inner join stage_rules
        on ranked.stage_rank = stage_rules.stage_rank

)

select * from final
