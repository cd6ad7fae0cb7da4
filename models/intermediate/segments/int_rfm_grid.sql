{# Two small numbers decide a segment, so every combination of them is evaluated once. #}

with

rfm_score_bands as (

    select * from {{ ref('rfm_score_bands') }}

),

rfm_segment_rules as (

    select * from {{ ref('rfm_segment_rules') }}

),

windows as (

    select {{ add_days(as_of_date(), '1 - window_length') }} as first_date
    from {{ ref('metric_windows') }}
    where window_name = 'rfm'

),

window_dates as (

    select spine_date
    from
        {{ date_spine(
            '(select min(windows.first_date) from windows)',
            as_of_date(),
            'spine_date'
        ) }}

),

-- The days since the last active one: 0 to 89 in a window of 90.
numbers as (

    select {{ days_between('spine_date', as_of_date()) }} as number_of_days
    from window_dates

),

-- The highest score whose limits are all met.
recency_scores as (

    select
        numbers.number_of_days as days_since_last_activity,
        max(bands.score) as recency_score
    from numbers
    inner join rfm_score_bands as bands
        on
            bands.metric = 'recency'
            and (bands.at_least is null or numbers.number_of_days >= bands.at_least)
            and (bands.more_than is null or numbers.number_of_days > bands.more_than)
            and (bands.at_most is null or numbers.number_of_days <= bands.at_most)
    group by 1

),

frequency_scores as (

    select
        numbers.number_of_days + 1 as activity_days,
        max(bands.score) as frequency_score
    from numbers
    inner join rfm_score_bands as bands
        on
            bands.metric = 'frequency'
            and (bands.at_least is null or numbers.number_of_days + 1 >= bands.at_least)
            and (bands.more_than is null or numbers.number_of_days + 1 > bands.more_than)
            and (bands.at_most is null or numbers.number_of_days + 1 <= bands.at_most)
    group by 1

),

combinations as (

    select
        recency_scores.days_since_last_activity,
        frequency_scores.activity_days,
        recency_scores.recency_score,
        frequency_scores.frequency_score
    from recency_scores
    cross join frequency_scores

),

-- The first rule, by order, that matches both scores.
final as (

    select
        ---------- ids
        combinations.days_since_last_activity,
        combinations.activity_days,

        ---------- scores
        combinations.recency_score,
        combinations.frequency_score,

        ---------- segment
        rules.behavioral_segment

    from combinations
    inner join rfm_segment_rules as rules
        on
            combinations.recency_score >= rules.min_recency
            and combinations.recency_score <= rules.max_recency
            and combinations.frequency_score >= rules.min_frequency
            and combinations.frequency_score <= rules.max_frequency
    qualify
        row_number() over (
            partition by
                combinations.days_since_last_activity,
                combinations.activity_days
            order by rules.rule_order
        ) = 1

)

select * from final
