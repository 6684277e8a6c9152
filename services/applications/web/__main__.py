"""`python -m services.applications.web`: the web process, listening on HOST and PORT."""

from services.applications.web import create_web
from shared.web.serve import serve

if __name__ == "__main__":
    serve("applications", create_web)
