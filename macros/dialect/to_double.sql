{# Text as a finite float; null where it is not a number. #}
{% macro to_double(text_expression) -%}
    {{ return(adapter.dispatch('to_double')(text_expression)) }}
{%- endmacro %}

{% macro duckdb__to_double(text_expression) -%}
    (case when isfinite(try_cast({{ text_expression }} as double)) then try_cast({{ text_expression }} as double) end)
{%- endmacro %}

{% macro bigquery__to_double(text_expression) -%}
    (case when is_inf(safe_cast({{ text_expression }} as float64)) or is_nan(safe_cast({{ text_expression }} as float64)) then null else safe_cast({{ text_expression }} as float64) end)
{%- endmacro %}
