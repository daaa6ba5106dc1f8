"""Errors of the whole product, as one tree.

PlankgError                       everything a user can be told about in one line
├── InputError                    what the user gave cannot be used: a file, a question, a name
├── OutlineError                  a text without the headings that a plan needs
├── GraphCheckError               the extracted graph breaks its own rules; nothing was written
├── StateError                    the state directory: missing, damaged, or of another version
│   └── StateLockedError          another build is writing
├── ModelMissingError             the embedding model is not on disk
├── StoreError                    a graph store failed
│   ├── StoreUnavailableError     the server does not answer or refuses the credentials
│   └── CypherError               the statement is wrong, or ran too long
│       └── CypherRefusedError    the statement would write, or reads files
├── IndexUnavailableError         the passage index's server does not answer
├── ChatModelError                what the chat model wrote cannot be used
│   └── ChatModelUnavailableError its server does not answer, refuses, or broke off
└── SettingsError                 an environment variable has an unusable value

Messages are Chinese, one line, and say what happened and what to do. Adapters chain the foreign
error (``raise ... from exc``); the traceback goes to the log only.
"""

from __future__ import annotations


class PlankgError(Exception):
    """Root of the tree. ``str(error)`` is the one line that the user sees.

    ``exit_code`` is what the command line exits with.
    """

    exit_code: int = 1


class InputError(PlankgError):
    """What the user gave cannot be used: a file (missing, empty, not UTF-8, damaged), a question, a name."""


class OutlineError(PlankgError):
    """The text has no chapter headings, so it is not a plan that can be structured."""


class GraphCheckError(PlankgError):
    """The extracted graph breaks its own rules: a quote that is not in the text, a loose end, ..."""


class StateError(PlankgError):
    """The state directory is missing, damaged, or written by another version."""


class StateLockedError(StateError):
    """Another process is building into the same state directory."""


class ModelMissingError(PlankgError):
    """The embedding model is not on disk."""


class StoreError(PlankgError):
    """A graph store failed."""


class StoreUnavailableError(StoreError):
    """The graph server does not answer, or refuses the credentials."""


class CypherError(StoreError):
    """A Cypher statement is wrong, or ran past its time limit."""


class CypherRefusedError(CypherError):
    """A Cypher statement from outside would write, or would read files."""

    exit_code = 2


class IndexUnavailableError(PlankgError):
    """The passage index cannot be reached."""


class ChatModelError(PlankgError):
    """What the chat model wrote cannot be used: nothing, cut off, or of the wrong form."""


class ChatModelUnavailableError(ChatModelError):
    """The chat model's server does not answer, refuses the request, or broke off."""


class SettingsError(PlankgError):
    """An environment variable has an unusable value."""
