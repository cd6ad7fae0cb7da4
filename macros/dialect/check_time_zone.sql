{#
    Stops the run if the session's time zone is not UTC: a time without an offset, and a column of DuckDB's type `timestamp`, are read as
    UTC. BigQuery is always in UTC.
#}
{% macro check_time_zone() -%}
    {{ return(adapter.dispatch('check_time_zone', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__check_time_zone() -%}
    {%- if execute -%}
        {%- set ask -%}
            select
                current_setting('TimeZone') as time_zone,
                timestamptz '2000-01-01 00:00:00+00' = cast(timestamp '2000-01-01' as timestamptz)
                and timestamptz '2000-07-01 00:00:00+00' = cast(timestamp '2000-07-01' as timestamptz)
                    as is_utc
        {%- endset -%}
        {%- set (time_zone, is_utc) = run_query(ask).rows[0].values() -%}
        {%- if not is_utc -%}
            {%- do exceptions.raise_compiler_error(
                "DuckDB's time zone is " ~ time_zone ~ ", and the models need UTC. Write into the profile: settings: {TimeZone: UTC}"
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro bigquery__check_time_zone() -%}
{%- endmacro %}
