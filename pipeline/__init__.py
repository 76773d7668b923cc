"""One pass over a connection: pull → score → push; and what stands around it: plan, guard, undo, the daemon."""
