"""A difference as one page of HTML that needs nothing else: no script, no network. Pure.

`fragment` is what the report embeds, `STYLE` the style sheet that it needs. All values are
escaped by jinja2; nothing is ever marked as safe but the template itself.
"""

from functools import cache

from jinja2 import Environment, StrictUndefined, Template

from armada_render.diff.lines import diff_lines, marked_manifest
from armada_render.diff.rows import Document, ObjectRow
from armada_render.diff.text import cause_texts, image_texts, object_text, withheld_texts
from armada_render.diff.words import on_clusters
from armada_render.errors import one_line

_MOST_LINES = 400

STYLE = """\
.diff { line-height: 1.45; overflow-wrap: anywhere; }
.diff code, .diff pre { font-family: ui-monospace, monospace; font-size: .9em; }
.diff pre { overflow-x: auto; margin: .4rem 0; padding: .5rem; background: var(--diff-code); }
.diff pre span { display: block; min-height: 1.2em; }
.diff .add { background: var(--diff-add); }
.diff .del { background: var(--diff-del); }
.diff .at { color: var(--diff-dim); }
.diff .because { color: var(--diff-dim); }
.diff details { border-top: 1px solid var(--diff-line); padding: .3rem 0; }
.diff summary { cursor: pointer; }
.diff .level { font-weight: bold; padding: 0 .4em; border: 1px solid; border-radius: .3em; }
.diff .level.error { color: var(--diff-error); }
.diff .level.warning { color: var(--diff-warning); }
.diff table { border-collapse: collapse; }
.diff td, .diff th { padding: .15rem .8rem .15rem 0; text-align: left; }
.diff td.number { text-align: right; }
.diff { --diff-code: #f4f4f5; --diff-add: #d7f5dd; --diff-del: #fbdcdc; --diff-dim: #5b6068;
  --diff-line: #d8dade; --diff-error: #b00020; --diff-warning: #8a5200; }
@media (prefers-color-scheme: dark) {
  .diff { --diff-code: #1d2026; --diff-add: #123d1f; --diff-del: #4a1a1e; --diff-dim: #a0a6b0;
    --diff-line: #363b44; --diff-error: #ff8a8a; --diff-warning: #ffc26b; }
}
"""

_PAGE_STYLE = """\
:root { color-scheme: light dark; }
body { font-family: system-ui, sans-serif; margin: 1rem auto; max-width: 70rem; padding: 0 1rem; }
"""

_FRAGMENT = """\
{%- macro because(causes) %}
{%- for text in because_of(causes) %}
<div class="because">{{ text }}</div>
{%- endfor %}
{%- endmacro -%}
<section class="diff" aria-label="What changes">
<p><code>{{ found.base.name }}</code> → <code>{{ found.head.name }}</code></p>
<p><strong>{{ line(found.summary.text) }}</strong></p>
{%- for note in found.notes %}
<p>Note: {{ note }}</p>
{%- endfor %}
{%- for side, name in ((found.base, "base"), (found.head, "head")) if side.withheld %}
<p><strong>The {{ name }} cannot be rendered: nothing is compared, and nothing is \
removed.</strong></p>
{%- if side.problems %}
<pre>{{ side.problems | join("\\n") }}</pre>
{%- endif %}
{%- endfor %}
{%- if found.risks %}
<h2>Risks</h2>
<ul>
{%- for risk in found.risks %}
<li><span class="level {{ risk.level }}">{{ risk.level }}</span>
{{ risk.title }} {{ where(risk.clusters) }}: {{ line(risk.message) }} <code>{{ risk.rule }}</code>
<div>{{ risk.hint }}</div>
{{- because(risk.causes) }}</li>
{%- endfor %}
</ul>
{%- endif %}
{%- if found.headlines %}
<h2>What moves</h2>
<ul>
{%- for headline in found.headlines %}
<li>{{ line(headline.text) }}
{{- because(headline.causes) }}</li>
{%- endfor %}
</ul>
{%- endif %}
{%- if found.images %}
<h2>Images</h2>
<ul>
{%- for text in images(found) %}
<li><code>{{ text }}</code></li>
{%- endfor %}
</ul>
{%- endif %}
{%- if found.withheld %}
<h2>Withheld</h2>
<ul>
{%- for text in withheld(found) %}
<li>{{ text }}</li>
{%- endfor %}
</ul>
{%- endif %}
{%- if found.summary.clusters %}
<h2>Clusters</h2>
<table>
<tr><th scope="col">cluster</th><th scope="col">added</th><th scope="col">removed</th>\
<th scope="col">changed</th></tr>
{%- for row in found.summary.clusters %}
<tr><th scope="row">{{ line(row.name) }}</th><td class="number">{{ row.added }}</td>\
<td class="number">{{ row.removed }}</td><td class="number">{{ row.changed }}</td></tr>
{%- endfor %}
</table>
{%- endif %}
{%- if objects %}
<h2>Changes</h2>
{%- for row in objects %}
<details><summary>{{ title(row) }}</summary>
{{- because(row.causes) }}
<pre>
{%- for text in lines(row) -%}
<span{% if text[0] == "+" %} class="add"{% elif text[0] == "-" %} class="del"\
{% elif text[0] == "@" %} class="at"{% endif %}>{{ text }}</span>
{%- endfor -%}
</pre></details>
{%- endfor %}
{%- endif %}
</section>
"""

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" \
content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>armada-render diff: {{ line(found.summary.text) }}</title>
<style>
{{ style }}</style>
</head>
<body>
<h1>What changes</h1>
{% include "fragment" %}
</body>
</html>
"""


def page(found: Document) -> str:
    """Return the whole page."""
    return _rendered("page", found)


def fragment(found: Document) -> str:
    """Return the section alone; `STYLE` goes into the page around it."""
    return _rendered("fragment", found)


def _rendered(name: str, found: Document) -> str:
    objects = [row for row in found.objects if row.change == "changed" or row.manifests]
    return _template(name).render(found=found, objects=objects)


@cache
def _template(name: str) -> Template:
    from jinja2 import DictLoader  # noqa: PLC0415

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=DictLoader({"page": _PAGE, "fragment": _FRAGMENT}),
    )
    environment.globals.update(
        images=image_texts,
        line=one_line,
        lines=_lines,
        style=_PAGE_STYLE + STYLE,
        title=object_text,
        where=on_clusters,
        withheld=withheld_texts,
        because_of=cause_texts,
    )
    return environment.get_template(name)


def _lines(row: ObjectRow) -> list[str]:
    if row.manifests:
        every = [line for one in row.manifests for line in marked_manifest(one)]
    else:
        every = [line for field in row.fields for line in diff_lines(field)]
    if len(every) > _MOST_LINES:
        return [*every[:_MOST_LINES], f"… and {len(every) - _MOST_LINES:,} more lines"]
    return every
