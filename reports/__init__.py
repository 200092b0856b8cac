"""What people read: rates with their uncertainty, figures, pages and case lists, in French and in English."""
