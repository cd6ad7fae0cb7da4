{# An exact integer of at least 38 digits, for sums and products that may exceed 64 bits. #}
{% macro type_wide() -%}
    {{ return(adapter.dispatch('type_wide', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__type_wide() -%}
    hugeint
{%- endmacro %}

{% macro bigquery__type_wide() -%}
    bignumeric
{%- endmacro %}
