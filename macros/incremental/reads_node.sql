{#
    Whether this model reads the seed or model of a name, in any project: a project can be renamed, installed as a package, or replace a
    seed of this one with its own.
#}
{% macro reads_node(name) -%}
    {%- for node_id in model.depends_on.nodes if node_id.split('.')[2] == name -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
{%- endmacro %}
