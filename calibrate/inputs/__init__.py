"""Reads tables, files and frames, with every text that counts as missing."""
