{# A post-hook: writes into the ledger that an incremental model has taken in everything up to this run. #}
{% macro record_build() -%}
    {%- if execute and model.config.materialized == 'incremental' -%}
        insert into {{ build_ledger() }} (model_name, loaded_through, meaning)
        values ('{{ this.identifier }}', {{ build_instant() }}, '{{ meaning() }}')
    {%- endif -%}
{%- endmacro %}
