{#
    Whether this model reads the seed or model of a name. Whose project it is in does not matter: a project can be renamed,
    installed as a package, or have a seed of its own in place of this one's.
#}
{% macro reads_node(name) -%}
    {%- for node_id in model.depends_on.nodes if node_id.split('.')[2] == name -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
{%- endmacro %}
