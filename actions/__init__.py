"""Rasa SDK actions: thin, one topic a module; what is said comes from knowledge/."""
