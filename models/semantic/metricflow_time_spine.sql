-- Every day from the first event of all to as_of_date: what metrics over time
-- are joined to.

with

tenants as (

    select * from {{ ref('int_tenants') }}

),

bounds as (

    select min(first_event_date) as first_date
    from tenants

),

final as (

    select date_day
    from bounds
    cross join {{ date_spine('bounds.first_date', as_of_date(), 'date_day') }}
    where bounds.first_date is not null

)

select * from final
