"""Operations on leads across all tables: merging, claiming activities, marking stale, vanishing, erasing."""
