from drawbridge.import_service.store.tables import SCHEMA, metadata
from drawbridge.persistence import run_environment

run_environment(metadata, SCHEMA)
