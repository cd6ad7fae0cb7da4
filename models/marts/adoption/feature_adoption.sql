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

windows as (

    select distinct window_days
    from stage_rules

),

-- Only what happened from the first exposure on counts, in exact time.
uses_since_exposure as (

    select
        exposures.tenant_id,
        exposures.user_id,
        exposures.feature_key,
        uses.used_at,
        uses.used_date,
        {{ micros_between('exposures.first_exposed_at', 'uses.used_at') }}
            as micros_since_exposure

    from exposures

    inner join uses
        on
            exposures.tenant_id = uses.tenant_id
            and exposures.user_id = uses.user_id
            and exposures.feature_key = uses.feature_key
            and exposures.first_exposed_at <= uses.used_at

),

-- All windows are whole days of 86,400 seconds, so the day since exposure is
-- as exact as the instant, and far fewer rows meet the windows below.
use_days as (

    select
        tenant_id,
        user_id,
        feature_key,
        used_date,
        {{ int_divide('micros_since_exposure', '86400000000') }}
            as days_since_exposure,
        min(used_at) as first_used_at,
        count(*) as use_count

    from uses_since_exposure

    group by 1, 2, 3, 4, 5

),

use_summary as (

    select
        tenant_id,
        user_id,
        feature_key,
        min(first_used_at) as first_used_at,
        min(days_since_exposure) as days_to_first_use,
        sum(case when days_since_exposure < 7 then use_count else 0 end)
            as uses_7d,
        sum(case when days_since_exposure < 30 then use_count else 0 end)
            as uses_30d,
        count(distinct case when days_since_exposure < 30 then used_date end)
            as days_used_30d

    from use_days

    group by 1, 2, 3

),

uses_by_window as (

    select
        use_days.tenant_id,
        use_days.user_id,
        use_days.feature_key,
        windows.window_days,
        sum(use_days.use_count) as uses,
        count(distinct use_days.used_date) as days_used

    from use_days

    inner join windows
        on use_days.days_since_exposure < windows.window_days

    group by 1, 2, 3, 4

),

-- Each stage has its own rule, and the highest one met wins: three uses after
-- the first week make an Adopted person who never was a Tried one.
stages_met as (

    select
        uses_by_window.tenant_id,
        uses_by_window.user_id,
        uses_by_window.feature_key,
        max(stage_rules.stage_rank) as stage_rank

    from uses_by_window

    inner join stage_rules
        on
            uses_by_window.window_days = stage_rules.window_days
            and uses_by_window.uses >= stage_rules.min_uses
            and uses_by_window.days_used >= stage_rules.min_days_used

    group by 1, 2, 3

),

-- Who met no rule by using it is at the baseline, rank 0.
ranked as (

    select
        exposures.tenant_id,
        exposures.user_id,
        exposures.feature_key,
        exposures.first_exposed_at,
        use_summary.first_used_at,
        use_summary.days_to_first_use,
        coalesce(use_summary.uses_7d, 0) as uses_7d,
        coalesce(use_summary.uses_30d, 0) as uses_30d,
        coalesce(use_summary.days_used_30d, 0) as days_used_30d,
        coalesce(stages_met.stage_rank, 0) as stage_rank,
        {{ micros_between(
            'exposures.first_exposed_at',
            start_of_day(add_days(as_of_date(), 1))
        ) }} >= 30 * 86400000000 as is_mature

    from exposures

    left join use_summary
        on
            exposures.tenant_id = use_summary.tenant_id
            and exposures.user_id = use_summary.user_id
            and exposures.feature_key = use_summary.feature_key

    left join stages_met
        on
            exposures.tenant_id = stages_met.tenant_id
            and exposures.user_id = stages_met.user_id
            and exposures.feature_key = stages_met.feature_key

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
        ranked.days_used_30d,

        ---------- stage
        stage_rules.adoption_stage,
        cast(ranked.stage_rank as {{ type_integer() }}) as stage_rank,

        ---------- booleans
        ranked.is_mature

    from ranked

    inner join stage_rules
        on ranked.stage_rank = stage_rules.stage_rank

)

select * from final
