{# The md5 of a row of SQL expressions, each behind its length: no two rows are one text, whatever separators stand in them. #}
{% macro row_fingerprint(expressions) -%}
    {%- set texts = [] -%}
    {%- for expression in expressions -%}
        {%- set text = "cast(" ~ expression ~ " as " ~ type_text() ~ ")" -%}
        {%- do texts.append("coalesce(cast(length(" ~ text ~ ") as " ~ type_text() ~ "), '')") -%}
        {%- do texts.append("coalesce(" ~ text ~ ", '')") -%}
    {%- endfor -%}
    {{ md5_text("array_to_string([" ~ texts | join(", ") ~ "], '|')") }}
{%- endmacro %}
