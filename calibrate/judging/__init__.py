"""How good it is: metrics beside rivals, the gate, promises that were not kept, rules that are dropped."""
