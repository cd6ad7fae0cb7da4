{#
    The condition on tenant_id, stream_key and event_date that keeps what new rows touch; everything in a full build.
    DuckDB recomputes device-days, BigQuery whole days: its unit of replacement is the partition. Dates are literal, so both
    prune.
#}
{% macro touched_days() -%}
    {{ return(adapter.dispatch('touched_days')()) }}
{%- endmacro %}

{% macro duckdb__touched_days() -%}
    {%- if is_incremental() -%}
        event_date in ({{ touched_dates() }})
        and (tenant_id, stream_key, event_date) in (
            select
                tenant_id,
                stream_key,
                event_date
            from {{ ref('int_touched_days') }}
            where _loaded_at > {{ newest_build() }}
        )
    {%- else -%}
        event_date >= cast('0001-01-01' as date)
    {%- endif -%}
{%- endmacro %}

{% macro bigquery__touched_days() -%}
    {%- if is_incremental() -%}
        event_date in ({{ touched_dates() }})
    {%- else -%}
        event_date >= cast('0001-01-01' as date)
    {%- endif -%}
{%- endmacro %}
