{#
    Milliseconds as text in whole microseconds, rounded half away from zero; null where it is not a number. Below zero
    counts as zero and above a day as a day, so that a client's nonsense cannot overflow; a percentile within that range
    is not moved.
#}
{% macro to_micros(milliseconds_text) -%}
    {{ return(adapter.dispatch('to_micros')(milliseconds_text)) }}
{%- endmacro %}

{% macro duckdb__to_micros(milliseconds_text) -%}
    cast(
        round(
            least(greatest(try_cast({{ milliseconds_text }} as decimal(38, 9)), 0), 86400000)
            * 1000
        ) as bigint
    )
{%- endmacro %}

{% macro bigquery__to_micros(milliseconds_text) -%}
    cast(
        round(
            least(greatest(safe_cast({{ milliseconds_text }} as numeric), 0), 86400000)
            * 1000
        ) as int64
    )
{%- endmacro %}
