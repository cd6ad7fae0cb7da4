{# The md5 of a row: tells copies of an event apart. Columns are SQL expressions. #}
{% macro row_fingerprint(expressions) -%}
    {%- set texts = [] -%}
    {%- for expression in expressions -%}
        {%- do texts.append("coalesce(cast(" ~ expression ~ " as " ~ type_text() ~ "), '')") -%}
    {%- endfor -%}
    {{ md5_text("array_to_string([" ~ texts | join(", ") ~ "], '|')") }}
{%- endmacro %}
