{#
    The newest `_loaded_at` that this model has read, as a literal instant; 1970 if it has read nothing, or read it under other settings.
#}
{% macro newest_build() -%}
    {%- set newest = none -%}
    {%- if execute -%}
        {%- set ask -%}
            select max(loaded_through)
            from {{ build_ledger() }}
            where
                model_name = '{{ this.identifier }}'
                and meaning = '{{ meaning() }}'
        {%- endset -%}
        {%- set newest = run_query(ask).columns[0].values()[0] -%}
    {%- endif -%}
    {{ as_instant(newest) }}
{%- endmacro %}
