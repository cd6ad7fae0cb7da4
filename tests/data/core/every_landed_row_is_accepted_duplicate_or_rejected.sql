{{ config(tags=['whole_history']) }}

-- Rows in = accepted + duplicate + rejected, over all that ever landed and is
-- kept: also what has no tenant and what has no readable time.

with

landed as (

    select
        count(*) as rows_in,
        {{ count_where('reject_reason is not null') }} as rejected
    from {{ ref('stg_events') }}
    where
        _loaded_at >= cast('1970-01-01' as timestamp)
        and (
            reject_reason is not null
            or event_date >= {{ first_kept_date() }}
        )

),

accepted as (

    select count(*) as accepted
    from {{ ref('int_events') }}
    where event_date >= {{ first_kept_date() }}

),

duplicates as (

    select {{ count_where('copy_number > 1') }} as duplicate
    from {{ ref('int_event_copies') }}
    where event_date >= {{ first_kept_date() }}

)

select
    landed.rows_in,
    accepted.accepted,
    duplicates.duplicate,
    landed.rejected
from landed
cross join accepted
cross join duplicates
where
    landed.rows_in
    != accepted.accepted + duplicates.duplicate + landed.rejected
