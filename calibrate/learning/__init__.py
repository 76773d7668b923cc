"""Finds rules: candidates, selection, pairs, points per unit, ages, half-lives."""
