"""`python -m services.meetings.web`: the web process, listening on HOST and PORT."""

from services.meetings.web import create_web
from shared.web.serve import serve

if __name__ == "__main__":
    serve("meetings", create_web)
