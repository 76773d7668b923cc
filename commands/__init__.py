"""The commands, one module each; `worker.py` lists them."""
