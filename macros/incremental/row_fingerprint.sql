{#
    The md5 of a row of SQL expressions, each preceded by its length, so that two different rows never give the same text, whatever
    separators they contain.
#}
{% macro row_fingerprint(expressions) -%}
    {%- set texts = [] -%}
    {%- for expression in expressions -%}
        {%- set text = "cast(" ~ expression ~ " as " ~ type_text() ~ ")" -%}
        {%- do texts.append("coalesce(cast(length(" ~ text ~ ") as " ~ type_text() ~ "), '')") -%}
        {%- do texts.append("coalesce(" ~ text ~ ", '')") -%}
    {%- endfor -%}
    {{ md5_text("array_to_string([" ~ texts | join(", ") ~ "], '|')") }}
{%- endmacro %}
