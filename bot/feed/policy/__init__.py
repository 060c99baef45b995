"""The policy of the service in the chat: what it decides about a post, and approvals.

`judging` asks the rules, `saying` puts what they decide into sentences, `asking` makes a request for an approval,
`deciding` approves, refuses or withdraws it, `showing` makes its messages, `endings` handles what comes later.
"""
