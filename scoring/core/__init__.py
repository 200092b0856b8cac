"""Declarations of medical knowledge and their evaluation. No medicine in here."""
