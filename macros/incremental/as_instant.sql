{# A moment from the ledger, as a literal instant; 1970 if the ledger has none. #}
{% macro as_instant(moment) -%}
    {%- set text = moment.strftime('%Y-%m-%d %H:%M:%S.%f') if moment else '1970-01-01 00:00:00.000000' -%}
    {{ return("cast('" ~ text ~ "' as timestamp)") }}
{%- endmacro %}
