{#
    How an incremental model replaces rows. The only place that chooses a strategy.
    append: nothing is replaced. rows: rows of the same unique key. days: what int_touched_days names; DuckDB deletes these
    device-days first (delete_touched_days(), in the same transaction), BigQuery overwrites their listed partitions.
#}
{% macro incremental_strategy(replaces) -%}
    {{ return(adapter.dispatch('incremental_strategy', 'bioqms')(replaces)) }}
{%- endmacro %}

{% macro duckdb__incremental_strategy(replaces) -%}
    {{ return({'append': 'append', 'rows': 'delete+insert', 'days': 'append'}[replaces]) }}
{%- endmacro %}

{% macro bigquery__incremental_strategy(replaces) -%}
    {{ return({'append': 'merge', 'rows': 'merge', 'days': 'insert_overwrite'}[replaces]) }}
{%- endmacro %}
