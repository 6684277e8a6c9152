"""Files under /static: kept for a year when their address carries a version, else asked for anew."""

from os import PathLike, stat_result
from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOREVER: Final = "public, max-age=31536000, immutable"
ANEW: Final = "public, no-cache"


class VersionedFiles(StaticFiles):
    """`/static/x.css?v=<hash>` never changes; the same without `v` might."""

    def file_response(
        self,
        full_path: "str | PathLike[str]",
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        versioned = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = FOREVER if versioned else ANEW
        return response
