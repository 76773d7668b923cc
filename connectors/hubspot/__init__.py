"""HubSpot: contacts, companies, activities in; scores out."""
