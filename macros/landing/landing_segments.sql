{# A text literal: the pattern of all sealed segments of the landing log; only DuckDB reads it. #}
{% macro landing_segments() -%}
    {%- set log = landing_log() -%}
    {%- if '\\' in log -%}
        {{ exceptions.raise_compiler_error(
            'DuckDB finds no files below a folder whose name holds a backslash: move ' ~ log
        ) }}
    {%- endif -%}
    {#- In a folder's name *, ? and [ are not wildcards. -#}
    {%- set folder = modules.re.sub('([*?[])', '[\\1]', log) -%}
    {{ return("'" ~ (folder ~ '**/*.jsonl').replace("'", "''") ~ "'") }}
{%- endmacro %}
