"""Writes deploy/Caddyfile from the table of paths, so that the proxy and the demo agree."""

import sys
from itertools import groupby
from typing import Final

from scripts.files import ROOT
from shared.web.routes import PRIVATE, ROUTES, SERVICES, service_of

FILE: Final = ROOT / "deploy/Caddyfile"
HEAD: Final = """\
# Written by `python -m scripts.caddyfile` from shared/web/routes.py; a test compares.
# SITE is the public name (localhost by default, with a certificate of Caddy's own); a real name gets one from an ACME authority.
{
	admin 127.0.0.1:2019
	skip_install_trust
	servers {
		protocols h1 h2
	}
}

"""
SERVICE: Final = """\
({name}) {{
	reverse_proxy {name}-web:8000 {{
		# a container that restarts makes people wait, not fail
		lb_try_duration 15s
		lb_try_interval 250ms
	}}
}}

"""
SITE: Final = """\
{$SITE:localhost} {
	encode zstd gzip
	request_body {
		max_size 30MB
	}
	header -Server
"""
TAIL: Final = """\
	handle_errors {
		header Content-Type "text/html; charset=utf-8"
		header Retry-After 30
		respond "<!doctype html><html lang=de><title>Gleich wieder da</title><h1>Gleich wieder da</h1><p>Die Website macht eine kurze Pause. Versuchen Sie es in einer Minute noch einmal.</p><p lang=en>We will be back in a minute.</p></html>" {err.status_code}
	}
}
"""


def caddyfile() -> str:
    """Deeper paths first, so that the longest prefix wins; private ones answer 404."""
    snippets = [SERVICE.format(name=name) for name in SERVICES]
    blocks = [HEAD, *snippets, SITE, "\troute {\n", _private()]
    depths = sorted(ROUTES, key=lambda prefix: (-_depth(prefix), ROUTES[prefix], prefix))
    for depth, prefixes in groupby(depths, key=_depth):
        if depth:
            for service, group in groupby(prefixes, key=lambda prefix: ROUTES[prefix]):
                blocks.append(_block(f"{service}{depth}", service, list(group)))
    blocks.append(f"\t\timport {service_of('/')}\n\t}}\n")
    return "".join([*blocks, TAIL])


def _private() -> str:
    return f"\t\t@private path {_paths(list(PRIVATE))}\n\t\trespond @private 404\n"


def _block(matcher: str, service: str, prefixes: list[str]) -> str:
    return (
        f"\t\t@{matcher} path {_paths(prefixes)}\n"
        f"\t\thandle @{matcher} {{\n\t\t\timport {service}\n\t\t}}\n"
    )


def _paths(prefixes: list[str]) -> str:
    return " ".join(f"{prefix} {prefix}/*" for prefix in prefixes)


def _depth(prefix: str) -> int:
    return len([segment for segment in prefix.split("/") if segment])


if __name__ == "__main__":
    FILE.write_text(caddyfile())
    sys.exit(0)
