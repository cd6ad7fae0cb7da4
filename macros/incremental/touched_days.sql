{#
    The condition on tenant_id, stream_key and event_date that keeps what new rows touch; everything in a full build.
    DuckDB recomputes device-days, BigQuery whole days: its unit of replacement is the partition. Dates are literal, so both
    prune. With the vars backfill_from and backfill_to, also all of these days. The run still reads what new rows touch, because the build
    ledger will say that it did.
#}
{% macro touched_days() -%}
    {{ return(adapter.dispatch('touched_days', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__touched_days() -%}
    {%- if is_incremental() -%}
        {%- if backfill_dates() -%}
        (
            event_date between
            date '{{ var('backfill_from') }}' and date '{{ var('backfill_to') }}'
            or
        {%- endif %}
        event_date in ({{ touched_dates() }})
        and (tenant_id, stream_key, event_date) in (
            select
                tenant_id,
                stream_key,
                event_date
            from {{ ref('int_touched_days') }}
            where _loaded_at > {{ newest_build() }}
        )
        {%- if backfill_dates() -%}
        )
        {%- endif -%}
    {%- else -%}
        event_date >= cast('0001-01-01' as date)
    {%- endif -%}
{%- endmacro %}

{% macro bigquery__touched_days() -%}
    {{ on_touched_dates() }}
{%- endmacro %}
