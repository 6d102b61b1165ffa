"""All drawn views of a session, kept in step with its state; no Qt."""
