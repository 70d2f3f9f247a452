"""The ledger: facts as one JSON event a line in the git notes ref ``refs/notes/buildlog``."""
