with

weekly_product_health as (

    select * from {{ ref('weekly_product_health') }}

),

weekly_feature_usage as (

    select * from {{ ref('weekly_feature_usage') }}

),

insight_rules as (

    select * from {{ ref('insight_rules') }}

),

-- A week that has not ended would always look like a decline.
complete_weeks as (

    select * from weekly_product_health
    where is_complete

),

complete_feature_weeks as (

    select * from weekly_feature_usage
    where is_complete

),

measured as (

    select
        tenant_id,
        week_start_date,
        cast(null as {{ type_text() }}) as feature_key,
        'wau' as metric,
        cast(wau as {{ type_double() }}) as value,
        cast(wau_previous_week as {{ type_double() }}) as previous_value,
        wau_change_pct as change
    from complete_weeks

    union all

    select
        tenant_id,
        week_start_date,
        cast(null as {{ type_text() }}) as feature_key,
        'stickiness' as metric,
        stickiness_pct as value,
        stickiness_previous_week_pct as previous_value,
        stickiness_change_points as change
    from complete_weeks

    union all

    select
        tenant_id,
        week_start_date,
        feature_key,
        'feature_uses' as metric,
        cast(uses as {{ type_double() }}) as value,
        cast(uses_previous_week as {{ type_double() }}) as previous_value,
        uses_change_pct as change
    from complete_feature_weeks

),

final as (

    select
        ---------- ids
        measured.tenant_id,
        measured.week_start_date,
        insight_rules.insight,
        measured.feature_key,

        ---------- the numbers behind it
        measured.metric,
        measured.value,
        measured.previous_value,
        measured.change,
        cast(insight_rules.threshold as {{ type_double() }}) as threshold,

        ---------- what to make of it
        insight_rules.message

    from measured
    inner join insight_rules
        on
            measured.metric = insight_rules.metric
            and (
                (
                    insight_rules.direction = 'above'
                    and measured.change > insight_rules.threshold
                )
                or (
                    insight_rules.direction = 'below'
                    and measured.change < insight_rules.threshold
                )
            )

)

select * from final
