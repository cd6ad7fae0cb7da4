{#
    The condition on raw.events that keeps the rows which the model has not taken yet.
    DuckDB: those of unseen segments, named one by one, so that no other file is opened. A sealed segment never changes.
    BigQuery: unseen messages in the partitions that can still receive some (var landing_lookback_days).
#}
{% macro new_landed_rows() -%}
    {{ return(adapter.dispatch('new_landed_rows')()) }}
{%- endmacro %}

{% macro duckdb__new_landed_rows() -%}
    {%- if execute and is_incremental() -%}
        {%- set unseen -%}
            select segments.file
            from glob('{{ landing_log() }}**/*.jsonl') as segments
            where
                substring(segments.file, {{ landing_log() | length + 1 }})
                not in (select distinct _landing_key from {{ this }})
            order by segments.file
        {%- endset -%}
        {%- set files = run_query(unseen).columns[0].values() -%}
        {%- if files -%}
            filename in (
                {%- for file in files %}
                '{{ file.replace("'", "''") }}'{{ ',' if not loop.last }}
                {%- endfor %}
            )
        {%- else -%}
            false
        {%- endif -%}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{% macro bigquery__new_landed_rows() -%}
    {%- if is_incremental() -%}
        publish_time >= timestamp_sub(
            {{ newest_build() }}, interval {{ var('landing_lookback_days') }} day
        )
        and message_id not in (
            select _landing_key
            from {{ this }}
            where
                _loaded_at >= timestamp_sub(
                    {{ newest_build() }},
                    interval {{ var('landing_lookback_days') }} day
                )
        )
    {%- else -%}
        publish_time >= timestamp '1970-01-01 00:00:00+00:00'
    {%- endif -%}
{%- endmacro %}
