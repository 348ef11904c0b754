"""GraphQL queries as GitHub answers them: the language, and the types that this stand-in knows.

Law: names and types are those of GitHub's schema; a field that is not here is refused in GitHub's words, never null.
"""
