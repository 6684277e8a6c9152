"""Bringing a test's database to a schema with the code production uses."""


async def migrate(schema: str, url: str) -> None:
    """`schema` is a service's name, or "keys"."""
    from shared.migrate import upgrade

    await upgrade(schema, url)
