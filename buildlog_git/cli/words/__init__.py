"""What each command says in plain sentences; the report itself is ``render``'s."""
