{#
    The build ledger: for each run of an incremental model, how far into stg_events it has read, and under which settings. With it, "new
    rows" are the rows that this model has not read yet, whatever their dates, also after a run that failed half way; and a model starts
    again when the settings change.
#}
{% macro create_build_ledger() -%}
    {%- if execute -%}
        {%- do create_ledger_schema() -%}
    {%- endif -%}
    create table if not exists {{ build_ledger() }} (
        model_name {{ type_text() }},
        loaded_through timestamp,
        meaning {{ type_text() }}
    )
{%- endmacro %}

{% macro build_ledger() -%}
    {{ return(api.Relation.create(database=target.database, schema=target.schema, identifier='build_ledger')) }}
{%- endmacro %}
