{#
    A post-hook: writes into the ledger how far into stg_events an incremental model has read (read_through). Does nothing if the model
    did not get all rows (sees_all_rows).
#}
{% macro record_build() -%}
    {%- if execute and model.config.materialized == 'incremental' and sees_all_rows() -%}
        insert into {{ build_ledger() }} (model_name, loaded_through, meaning)
        values ('{{ this.identifier }}', {{ read_through() }}, '{{ meaning() }}')
    {%- endif -%}
{%- endmacro %}
