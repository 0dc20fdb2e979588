"""The contracts as an AsyncAPI 3 document, made from the registry and the topology.

``make_document`` is pure; ``drawbridge contracts asyncapi`` writes it to ``docs/asyncapi.yaml``.
"""

from drawbridge.contracts.asyncapi.document import make_document

__all__ = ["make_document"]
