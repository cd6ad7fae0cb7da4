with

person_days as (

    select * from {{ ref('int_person_days') }}

),

payments as (

    select * from {{ ref('int_payments') }}

),

rfm_grid as (

    select * from {{ ref('int_rfm_grid') }}

),

rfm_score_bands as (

    select * from {{ ref('rfm_score_bands') }}

),

windows as (

    select {{ add_days(as_of_date(), '1 - window_length') }} as first_date
    from {{ ref('metric_windows') }}
    where window_name = 'rfm'

),

engaged_people as (

    select
        person_days.tenant_id,
        person_days.user_id,
        max(person_days.activity_date) as last_activity_date,
        count(*) as activity_days,
        cast(sum(person_days.engagement_events) as {{ type_integer() }})
            as total_events
    from person_days
    cross join windows
    where
        person_days.engagement_events > 0
        and person_days.activity_date >= windows.first_date
        and person_days.activity_date <= {{ as_of_date() }}
    group by 1, 2

),

revenues as (

    select
        payments.tenant_id,
        payments.user_id,
        sum(payments.amount) as total_revenue
    from payments
    cross join windows
    where
        payments.paid_date >= windows.first_date
        and payments.paid_date <= {{ as_of_date() }}
    group by 1, 2

),

people as (

    select
        engaged_people.tenant_id,
        engaged_people.user_id,
        engaged_people.last_activity_date,
        engaged_people.activity_days,
        engaged_people.total_events,
        {{ days_between('engaged_people.last_activity_date', as_of_date()) }}
            as days_since_last_activity,
        coalesce(revenues.total_revenue, 0) as total_revenue
    from engaged_people
    left join revenues
        on
            engaged_people.tenant_id = revenues.tenant_id
            and engaged_people.user_id = revenues.user_id

),

-- The highest score whose limits are all met.
monetary_scores as (

    select
        people.tenant_id,
        people.user_id,
        max(bands.score) as monetary_score
    from people
    inner join rfm_score_bands as bands
        on
            bands.metric = 'monetary'
            and (
                bands.at_least is null
                or people.total_revenue >= bands.at_least
            )
            and (
                bands.more_than is null
                or people.total_revenue > bands.more_than
            )
            and (
                bands.at_most is null
                or people.total_revenue <= bands.at_most
            )
    group by 1, 2

),

final as (

    select
        ---------- ids
        people.tenant_id,
        people.user_id,

        ---------- the window
        people.last_activity_date,
        people.days_since_last_activity,
        people.activity_days,
        people.total_events,
        cast(people.total_revenue as {{ type_exact() }}) as total_revenue,

        ---------- scores
        cast(rfm_grid.recency_score as {{ type_integer() }}) as recency_score,
        cast(rfm_grid.frequency_score as {{ type_integer() }})
            as frequency_score,
        cast(monetary_scores.monetary_score as {{ type_integer() }})
            as monetary_score,

        ---------- segment
        rfm_grid.behavioral_segment

    from people
    left join rfm_grid
        on
            people.days_since_last_activity = rfm_grid.days_since_last_activity
            and people.activity_days = rfm_grid.activity_days
    left join monetary_scores
        on
            people.tenant_id = monetary_scores.tenant_id
            and people.user_id = monetary_scores.user_id

)

select * from final
