"""One pass over a connection (pull → score → push), and what uses it: plan, guard, undo, the daemon."""
