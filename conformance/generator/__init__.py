"""Makes the conformance vectors from SPEC.md alone: knows nothing of any verifier and imports none."""
