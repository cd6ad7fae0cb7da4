{#
    A query for the moment at which the newest event landed in raw.events; what `dbt source freshness` checks.
    DuckDB: by the collector's clock, only among the segments of the newest date, so that a long log is not read.
    BigQuery: by Pub/Sub's clock, in the partitions that can still receive something; older counts as none.
#}
{% macro newest_landing() -%}
    {%- if not var('use_landing_log') -%}
        {{ return('select max(' ~ (var('events_landed_at') or safe_timestamp('received_at')) ~ ') from ' ~ this) }}
    {%- endif -%}
    {{ return(adapter.dispatch('newest_landing', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__newest_landing() -%}
    {%- set newest_date -%}
        select max(regexp_extract(file, 'date=[0-9-]+'))
        from glob({{ landing_segments() }})
    {%- endset -%}
    select max({{ safe_timestamp('received_at') }})
    from {{ this }}
    where contains(filename, '/{{ run_query(newest_date).columns[0].values()[0] }}/')
{%- endmacro %}

{% macro bigquery__newest_landing() -%}
    select max(publish_time)
    from {{ this }}
    where
        publish_time >= timestamp_sub(
            {{ build_instant() }}, interval {{ var('landing_lookback_days') }} day
        )
{%- endmacro %}
