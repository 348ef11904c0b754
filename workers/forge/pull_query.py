"""The GraphQL queries behind a reading of a pull request.

Checks are asked for three times: of the head, of the commit that the change begins at, and of the head of the pull
request that brought that commit, since many repositories run their checks on pull requests alone.
"""

from __future__ import annotations

_REQUIRED = "isRequired(pullRequestNumber: $number)"
_CONTEXTS = """
contexts(first: 100, after: $after) {
  totalCount
  pageInfo { hasNextPage endCursor }
  nodes {
    __typename
    ... on CheckRun {
      name status conclusion title url detailsUrl REQUIRED
      checkSuite { databaseId status app { slug databaseId } }
    }
    ... on StatusContext {
      context state description targetUrl REQUIRED
      creator { __typename login }
    }
  }
}
"""
_HEAD = f"statusCheckRollup {{ {_CONTEXTS.replace('REQUIRED', _REQUIRED)} }}"
_OTHER = f"statusCheckRollup {{ {_CONTEXTS.replace('REQUIRED', '')} }}"
"""A check of another commit than the head is not asked whether the pull request requires it."""
_AUTHORS = "author { user { login } } committer { user { login } }"
QUERY = f"""
query Pull(
  $owner: String!, $name: String!, $number: Int!, $base: GitObjectID!, $workflows: String!, $after: String
) {{
  repository(owner: $owner, name: $name) {{
    mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed
    pullRequest(number: $number) {{
      number url state merged headRefName headRefOid baseRefName baseRef {{ target {{ oid }} }}
      mergedBy {{ __typename login }} mergeCommit {{ oid }} author {{ __typename login }}
      mergeable mergeStateStatus isMergeQueueEnabled
      latestOpinionatedReviews(first: 100, writersOnly: true) {{
        totalCount
        nodes {{ id state author {{ __typename login }} }}
      }}
      commits(last: 100) {{ nodes {{ commit {{ {_AUTHORS} }} }} }}
      head: commits(last: 1) {{ nodes {{ commit {{ oid {_HEAD} }} }} }}
    }}
    base: object(oid: $base) {{
      ... on Commit {{
        oid {_OTHER}
        associatedPullRequests(first: 1) {{
          nodes {{ merged commits(last: 1) {{ nodes {{ commit {{ oid {_OTHER} }} }} }} }}
        }}
      }}
    }}
    workflows: object(expression: $workflows) {{ ... on Tree {{ entries {{ name }} }} }}
  }}
}}
"""
MORE = f"""
query More($owner: String!, $name: String!, $number: Int!, $sha: GitObjectID!, $after: String) {{
  repository(owner: $owner, name: $name) {{ object(oid: $sha) {{ ... on Commit {{ {_HEAD} }} }} }}
}}
"""
MORE_OF_OTHERS = f"""
query More($owner: String!, $name: String!, $sha: GitObjectID!, $after: String) {{
  repository(owner: $owner, name: $name) {{ object(oid: $sha) {{ ... on Commit {{ {_OTHER} }} }} }}
}}
"""
