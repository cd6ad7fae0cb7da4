-- Every day from the first event of all to as_of_date: what metrics over time
-- are joined to.

with

tenants as (

    select * from {{ ref('int_tenants') }}

),

final as (

    select date_day
    from
        {{ date_spine(
            '(select min(tenants.first_event_date) from tenants)',
            as_of_date(),
            'date_day'
        ) }}

)

select * from final
