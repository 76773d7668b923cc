"""What happens to a lead in all tables: it merges, is claimed by its activities, goes stale, is erased."""
