"""Who may see and do what: signing in, roles, and what keeps other sites out."""
