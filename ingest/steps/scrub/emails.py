"""E-mail addresses in normal text."""

from __future__ import annotations

import re

from ingest.steps.scrub.marks import EMAIL_REDACTED

# What ends a local part in running text; everything else, in any script, may be part of one.
_LOCAL = r"[^\s\x00-\x1f\"(),:;<>@\[\]\\/?=&{|}%“”„‟«»‹›‘‚、。！？（）【】「」『』]"
# Letters of some scripts need combining marks, which \w leaves out.
_LABEL = r"[\w\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u064b-\u065f\u0900-\u0dff\u0e31-\u0e4e-]"
# Possessive and anchored, so the search is linear: any run of usual characters before the @, or a
# quoted one, or one of the unusual characters of RFC 5322, by which an encoded URL is cut.
_EMAIL = re.compile(
    rf"(?:(?<!{_LOCAL}){_LOCAL}++|\"[^\"@\n\\]{{1,64}}\"|[/?=&{{|}}%])"
    rf"(?:@|%(?:25){{0,2}}40)(?P<domain>(?:{_LABEL}++\.)+[^\W\d_]{_LABEL}+)"
)
# No top-level domains: `icon@2x.png` is a file.
_FILE = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|bmp|ico|avif|heic|tiff?|css|scss|less|[cm]?jsx?|[cm]?tsx?|json"
    r"|ya?ml|xml|html?|pdf|csv|txt|log|docx?|xlsx?|pptx?|mp[34]|wav|webm|woff2?|ttf|exe|dll|tgz)$",
    re.IGNORECASE,
)
# `pkg@1.2.3-beta.rc`, `pkg@v2.0.x`: a version begins with numbers.
_VERSION = re.compile(r"[v^~]?\d+\.(?:\d+|x)(?:[.-]|$)")


def scrub_emails(text: str) -> str:
    """Replace each address."""
    return _EMAIL.sub(_placeholder, text)


def _placeholder(match: re.Match[str]) -> str:
    domain = match["domain"]
    if _VERSION.match(domain) or _FILE.search(domain):
        return match[0]
    return EMAIL_REDACTED
