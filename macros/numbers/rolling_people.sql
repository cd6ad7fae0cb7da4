{#
    A query: how many different people were active on each day, and in the windows of N dates that end on it. The cost depends on the
    active days, not on the length of the windows.
    person_days: a CTE of the keys, user_id and activity_date, each once.
    first_dates: a CTE of the keys and first_date: the first day of their series; it continues to as_of_date, including days without people.
    windows: a CTE of window_name (wau, mau) and window_length in days.
    keys: the columns by which people are counted separately.
    Returns the keys, activity_date, dau, wau and mau.
#}
{% macro rolling_people(person_days, first_dates, windows, keys) -%}
    {%- set window_names = ('dau', 'wau', 'mau') -%}
    with

    changes as (

        {{ _entries_and_exits(person_days, windows, keys) }}

    ),

    changes_by_day as (

        select
            {{ keys | join(', ') }},
            activity_date
            {%- for window_name in window_names %},
            sum(case when window_name = '{{ window_name }}' then change else 0 end) as {{ window_name }}_change
            {%- endfor %}
        from changes
        group by {{ keys | join(', ') }}, activity_date

    ),

    days as (

        {{ _days_from(first_dates, keys) }}

    ),

    -- So a window's count is a running sum of people who enter and leave it.
    running as (

        select
            days.*
            {%- for window_name in window_names %},
            sum(coalesce(changes_by_day.{{ window_name }}_change, 0)) over days_so_far as {{ window_name }}
            {%- endfor %}
        from days
        left join changes_by_day
            on
                {%- for key in keys %}
                days.{{ key }} = changes_by_day.{{ key }} and
                {%- endfor %}
                days.activity_date = changes_by_day.activity_date
        window
            days_so_far as (
                partition by days.{{ keys | join(', days.') }}
                order by days.activity_date
                rows between unbounded preceding and current row
            )

    )

    select
        {{ keys | join(', ') }},
        activity_date
        {%- for window_name in window_names %},
        cast({{ window_name }} as {{ type_integer() }}) as {{ window_name }}
        {%- endfor %}
    from running
{%- endmacro %}

{# A day counts its person until the window after it ends, or until the person's next day takes over: nobody counts twice. #}
{% macro _entries_and_exits(person_days, windows, keys) -%}
    {%- set by = keys | join(', ') -%}
    with

    -- A day is a window of one date.
    all_windows as (

        select window_name, window_length from {{ windows }}
        union all
        select 'dau' as window_name, 1 as window_length

    ),

    followed as (

        select
            {{ by }},
            activity_date,
            lead(activity_date) over (
                partition by {{ by }}, user_id
                order by activity_date
            ) as next_date
        from {{ person_days }}

    ),

    -- The rest needs only the number of people of each kind, not the people.
    counted_days as (

        select {{ by }}, activity_date, next_date, count(*) as people
        from followed
        group by {{ by }}, activity_date, next_date

    )

    select {{ by }}, window_name, activity_date, people as change
    from counted_days
    cross join all_windows

    union all

    select
        {{ by }},
        window_name,
        least(
            {{ add_days('activity_date', 'window_length') }},
            coalesce(next_date, {{ add_days('activity_date', 'window_length') }})
        ) as activity_date,
        -people as change
    from counted_days
    cross join all_windows
{%- endmacro %}

{# Every day of each series, from its first on. #}
{% macro _days_from(first_dates, keys) -%}
    with

    calendar as (

        select calendar_date
        from
            {{ date_spine(
                '(select min(dates.first_date) from ' ~ first_dates ~ ' as dates)',
                as_of_date(),
                'calendar_date'
            ) }}

    )

    select
        {{ keys | join(', ') }},
        calendar_date as activity_date
    from {{ first_dates }}
    inner join calendar
        on first_date <= calendar_date
{%- endmacro %}
