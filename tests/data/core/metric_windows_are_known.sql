-- Every window that a model asks for is in the seed, and no other. A window that
-- is missing would leave a mart empty.

with

windows as (

    select * from {{ ref('metric_windows') }}

),

known as (
    {% for window_name in [
        'wau',
        'mau',
        'engaged_session',
        'mature_exposure',
        'adoption_matrix',
        'role_usage',
        'first_week',
        'rfm',
        'tier_engagement',
    ] %}
    select '{{ window_name }}' as window_name
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
)

select
    known.window_name as known_name,
    windows.window_name,
    windows.window_length
from known
full outer join windows
    on known.window_name = windows.window_name
where
    known.window_name is null
    or windows.window_name is null
    or windows.window_length < 1
