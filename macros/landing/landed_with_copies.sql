{#
    The condition on stg_events that keeps the days of landing on which copies of new rows' events came. An id can come back at any
    time, so the search covers all rows that ever landed. DuckDB has no partitions to skip. BigQuery first reads 16 bytes per row of
    history, and then only those days.
#}
{% macro landed_with_copies() -%}
    {{ return(adapter.dispatch('landed_with_copies', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__landed_with_copies() -%}
    _loaded_at >= cast('1970-01-01' as timestamp)
{%- endmacro %}

{% macro bigquery__landed_with_copies() -%}
    {%- set dates = [] -%}
    {%- if execute -%}
        {%- set ask -%}
            with

            new_keys as (

                select distinct event_key
                from {{ ref('stg_events') }}
                where _loaded_at > {{ newest_build() }}

            ),

            repeated_keys as (

                select array_agg(distinct date(landed._loaded_at)) as dates
                from {{ ref('stg_events') }} as landed
                inner join new_keys
                    on landed.event_key = new_keys.event_key
                where landed._loaded_at >= timestamp '1970-01-01 00:00:00+00:00'
                group by landed.event_key
                having count(*) > 1

            )

            select distinct cast(landed_on as string) as landed_on
            from repeated_keys
            cross join unnest(repeated_keys.dates) as landed_on
            order by landed_on
        {%- endset -%}
        {%- set dates = run_query(ask).columns[0].values() | list -%}
    {%- endif -%}
    {{ on_dates('_loaded_at', dates) }}
{%- endmacro %}
