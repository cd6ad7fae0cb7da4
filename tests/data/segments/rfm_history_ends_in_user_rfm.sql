{{ config(enabled=var('use_segments')) }}

{{ config(group='product_analytics') }}

-- The segment that a person's moves end in is the one that user_rfm gives.

with

current_segments as (

    select * from {{ ref('int_current_segments') }}
    where behavioral_segment != '(none)'

),

user_rfm as (

    select * from {{ ref('user_rfm') }}

)

select
    coalesce(current_segments.tenant_id, user_rfm.tenant_id) as tenant_id,
    coalesce(current_segments.user_id, user_rfm.user_id) as user_id,
    current_segments.behavioral_segment as segment_by_moves,
    user_rfm.behavioral_segment
from current_segments
full outer join user_rfm
    on
        current_segments.tenant_id = user_rfm.tenant_id
        and current_segments.user_id = user_rfm.user_id
where
    coalesce(current_segments.behavioral_segment, '')
    != coalesce(user_rfm.behavioral_segment, '')
